import { afterAll, expect, test } from 'vitest';
import { createJars, jarDatabase } from '../testkit/jars.js';
import { contradictions, type History, type JarOperation, keyFaults, runOperation } from './jarHistory.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/** One operation that was acknowledged, and a history that says so. */
async function arrange() {
  const jars = createJars(database);
  const operation: JarOperation = { key: 'k1', jar: `jar_${jars.context}`, name: 'add', count: 2 };
  const { eventId, version, result } = await runOperation(jars, operation);
  const history: History = {
    asked: new Map([['k1', operation]]),
    ok: new Map([['k1', { eventId, version, result }]]),
    refused: new Set(),
  };
  return { jars, operation, history };
}

test('the oracle finds nothing where store and history agree', async () => {
  const { jars, history } = await arrange();
  expect(await contradictions(database, jars, history)).toEqual([]);
  expect(await keyFaults(jars, history, 10)).toEqual([]);
});

test('the oracle finds what was acknowledged and is not stored', async () => {
  const { jars, history, operation } = await arrange();
  const ok = new Map([
    ...history.ok,
    ['k2', { eventId: 'gone', version: 1, result: { label: '', pebbles: 1 } }],
  ] as const);
  const asked = new Map([...history.asked, ['k2', { ...operation, key: 'k2' }]]);
  expect(await contradictions(database, jars, { ...history, ok, asked })).toEqual([
    'k2 was acknowledged and is stored 0 times',
    'k2 names gone, which is not stored',
  ]);
});

test('the oracle finds what was refused, or never asked for, and is stored', async () => {
  const { jars, history } = await arrange();
  const refused = new Set(['k1']);
  expect(await contradictions(database, jars, { ...history, ok: new Map(), refused })).toEqual([
    'k1 was refused and is stored',
  ]);
  expect(await contradictions(database, jars, { ...history, ok: new Map(), asked: new Map() })).toEqual([
    'k1 is stored and nobody asked for it',
  ]);
});

test('the oracle finds an effect that happened twice, and a read model that is behind', async () => {
  const { jars, history, operation } = await arrange();
  await jars.add(operation.jar, 2, { requestId: 'k1' });
  await database.prisma.$executeRaw`UPDATE toy.jar SET pebbles = 0 WHERE id = ${operation.jar}`;
  expect(await contradictions(database, jars, history)).toEqual([
    'k1 was acknowledged and is stored 2 times',
    `${operation.jar} is at 2 with 4, its read model at 2 with 0`,
  ]);
});

test('the oracle finds a key that answers otherwise than before', async () => {
  const { jars, history, operation } = await arrange();
  const forged = { eventId: 'other', version: 1, result: { label: '', pebbles: 2 } };
  expect(await keyFaults(jars, { ...history, ok: new Map([[operation.key, forged]]) }, 10)).toEqual([
    'k1 answers otherwise now',
  ]);
});
