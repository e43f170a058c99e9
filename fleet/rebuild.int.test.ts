import { expect, test } from 'vitest';
import { SUBGRAPH_NAMES } from '../contracts/subgraphs.js';
import { createEventStore } from '../platform/eventStore/eventStore.js';
import { createLog } from '../platform/telemetry/log.js';
import { dumpSchema } from '../test/testkit/liveEqualsRebuilt.js';
import { testDatabase } from '../test/testkit/testDatabase.js';
import { createFleetCore } from './core.js';
import { rebuildAll } from './rebuild.js';
import { seedDemo } from './seed.js';

test('every read model of the demo world can be written anew from the events, byte by byte', async () => {
  const log = createLog({ name: 'test', level: 'silent' });
  await using core = await createFleetCore({ openDatabase: testDatabase, clusterId: 'eu-1', log });
  await seedDemo(core);
  const { database } = core;
  const heads = await Promise.all(
    SUBGRAPH_NAMES.map(async (context) => {
      const head = await createEventStore(database.prisma, context).head();
      return [context, String(head)] as const;
    }),
  );
  for (const name of SUBGRAPH_NAMES)
    expect(await core[name].spine.catchUp(Object.fromEntries(heads))).toBe(true);

  const dump = async () => Promise.all(SUBGRAPH_NAMES.map((schema) => dumpSchema(database, schema)));
  const live = await dump();
  expect(live.join()).toContain('vision');
  const done: string[] = [];
  await rebuildAll(database, (each) => done.push(each));
  expect(done.length).toBeGreaterThan(SUBGRAPH_NAMES.length);
  expect(await dump()).toEqual(live);
});
