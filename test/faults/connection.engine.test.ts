import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { openDatabase } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import { startPostgres } from '../engines/postgres.js';
import { createJars, JAR_TABLES } from '../testkit/jars.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { startCommitProxy } from './commitProxy.js';
import { contradictions, type History, type JarOperation, runOperation } from './jarHistory.js';

/** Jars whose application reaches its server through a proxy that can lose commits. */
const arrange = () =>
  buildWith(async ({ use }) => {
    const server = use(await startPostgres());
    const direct = use(await databaseOn(server.url));
    await direct.asOwner(JAR_TABLES);
    const proxy = use(await startCommitProxy(server.port));
    const url = new URL(direct.url);
    url.port = String(proxy.port);
    const jars = createJars(use(await openDatabase({ url: url.href, poolMax: 8 })));
    const id = `jar_${ulid()}`;
    await jars.make(id);
    return {
      direct,
      proxy,
      jars,
      id,
      /** The same jars, seen without the proxy. */
      seen: createJars(direct, { context: jars.context }),
    };
  });

test('a COMMIT whose answer never comes is looked up by its key: one effect, and its own answer', async () => {
  await using world = await arrange();
  world.proxy.loseCommits(1);
  const answer = await world.jars.add(world.id, 3);
  expect(world.proxy.lost).toBe(1);
  const [, added, ...more] = await world.seen.store.readStream(world.id);
  expect(more).toEqual([]);
  expect(answer).toEqual({
    result: { label: `jar ${world.id}`, pebbles: 3 },
    eventId: added?.id,
    version: 2,
    position: added?.position,
  });
});

test('a COMMIT that never reached the server is done again, once', async () => {
  await using world = await arrange();
  world.proxy.loseBeforeCommits(1);
  await world.jars.add(world.id, 3);
  expect(world.proxy.lost).toBe(1);
  expect(await world.seen.store.readStream(world.id)).toHaveLength(2);
});

test('under load, lost commits cost no acknowledged command and double none', async () => {
  await using world = await arrange();
  const history = { asked: new Map<string, JarOperation>(), ok: new Map(), refused: new Set<string>() };
  const call = async (n: number) => {
    if (n % 10 === 0) world.proxy.loseCommits(1);
    if (n % 10 === 5) world.proxy.loseBeforeCommits(1);
    const operation: JarOperation = { key: `k${n}`, jar: `${world.id}_${n % 4}`, name: 'add', count: 1 };
    history.asked.set(operation.key, operation);
    const { eventId, version, result } = await runOperation(world.jars, operation);
    history.ok.set(operation.key, { eventId, version, result });
  };
  for (let n = 0; n < 100; n += 8) await Promise.all(Array.from({ length: 8 }, (_, k) => call(n + k)));
  expect(world.proxy.lost).toBeGreaterThan(5);
  // The first command made the jar itself, and is no part of the history.
  history.asked.set('request_1', { key: '', jar: world.id, name: 'add', count: 0 });
  expect(await contradictions(world.direct, world.seen, history satisfies History)).toEqual([]);
});
