import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { createCommands } from '../../platform/command/commands.js';
import type { Database } from '../../platform/database/database.js';
import { commandOf, createJars, jarAggregate, jarDatabase, type Jars, user } from '../testkit/jars.js';

const database = await jarDatabase({ poolMax: 10 });
afterAll(() => database[Symbol.asyncDispose]());

const withCode = (code: string) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code }) as unknown });

async function arrange() {
  const jars = createJars(database);
  const id = `jar_${ulid()}`;
  await jars.make(id);
  return { jars, id };
}

const row = async (id: string) => {
  const rows = await database.prisma.$queryRaw<{ version: number; pebbles: number }[]>`
    SELECT version, pebbles FROM toy.jar WHERE id = ${id}`;
  return rows[0] ?? null;
};

const keysOf = ({ context }: Jars) => database.prisma.command.count({ where: { context } });

test('a command stores its events, its read model and its answer, and says where the effect is', async () => {
  const { jars, id } = await arrange();
  const answer = await jars.add(id, 3, {
    idempotencyKey: 'k1',
    causationId: 'because',
    onBehalfOf: 'user_9',
  });
  const [, added] = await jars.store.readStream(id);
  expect(answer).toEqual({
    result: { label: `jar ${id}`, pebbles: 3 },
    eventId: added?.id,
    version: 2,
    position: 2n,
  });
  expect(added).toMatchObject({
    type: 'PebblesAdded',
    data: { count: 3 },
    actor: { id: 'user_1', kind: 'USER' },
    requestId: 'request_1',
    correlationId: 'correlation_1',
    causationId: 'because',
    onBehalfOf: 'user_9',
  });
  expect(await row(id)).toEqual({ version: 2, pebbles: 3 });
});

test('a hundred equal calls at once with one key have one effect and one answer', async () => {
  const { jars, id } = await arrange();
  const calls = Array.from({ length: 100 }, () => jars.add(id, 1, { idempotencyKey: 'same' }));
  const [first, ...others] = await Promise.all(calls);
  for (const other of others) expect(other).toEqual(first);
  expect(await row(id)).toEqual({ version: 2, pebbles: 1 });
  expect(await jars.store.head()).toBe(2n);
});

test('a key that was used for another input is refused, and nothing is stored', async () => {
  const { jars, id } = await arrange();
  await jars.add(id, 1, { idempotencyKey: 'same' });
  await expect(jars.add(id, 2, { idempotencyKey: 'same' })).rejects.toEqual(
    withCode('IDEMPOTENCY_KEY_REUSED'),
  );
  expect(await row(id)).toEqual({ version: 2, pebbles: 1 });
});

test('the order of an input object does not make it another input', async () => {
  const { jars } = await arrange();
  const ask = (input: object) =>
    jars.commands.execute(commandOf('nothing', input, { idempotencyKey: 'k' }), () => Promise.resolve(input));
  await ask({ a: 1, b: { c: 2, d: undefined } });
  expect((await ask({ b: { c: 2 }, a: 1 })).result).toEqual({ a: 1, b: { c: 2 } });
});

test('a key belongs to one principal and one command', async () => {
  const { jars, id } = await arrange();
  await jars.add(id, 1, { idempotencyKey: 'k' });
  await jars.add(id, 1, { idempotencyKey: 'k', principal: user('user_2') });
  await jars.take(id, 1, { idempotencyKey: 'k' });
  expect(await row(id)).toEqual({ version: 4, pebbles: 1 });
});

test.each(['', 'x'.repeat(256)])('a key of the wrong length is refused', async (idempotencyKey) => {
  const { jars, id } = await arrange();
  await expect(jars.add(id, 1, { idempotencyKey })).rejects.toEqual(withCode('BAD_USER_INPUT'));
});

test('a refusal stores no key: the same call is decided anew, and may succeed', async () => {
  const { jars, id } = await arrange();
  const keys = await keysOf(jars);
  await expect(jars.take(id, 1, { idempotencyKey: 'k' })).rejects.toEqual(withCode('TOO_FEW'));
  expect(await keysOf(jars)).toBe(keys);
  await jars.add(id, 1);
  expect((await jars.take(id, 1, { idempotencyKey: 'k' })).version).toBe(3);
});

test('a dry run answers with what would be, and stores neither event, row nor key', async () => {
  const { jars, id } = await arrange();
  const keys = await keysOf(jars);
  const answer = await jars.add(id, 4, { dryRun: true });
  expect(answer).toEqual({
    result: { label: `jar ${id}`, pebbles: 4 },
    eventId: null,
    version: null,
    position: null,
  });
  expect(await row(id)).toEqual({ version: 1, pebbles: 0 });
  expect(await jars.store.head()).toBe(1n);
  expect(await keysOf(jars)).toBe(keys);
});

test('a dry run refuses what the command would refuse', async () => {
  const { jars, id } = await arrange();
  await expect(jars.take(id, 1, { dryRun: true })).rejects.toEqual(withCode('TOO_FEW'));
});

test('a command that decided on an old version is refused with the version there is', async () => {
  const { jars, id } = await arrange();
  await jars.add(id, 1);
  const late = jars.commands.execute(commandOf('add', {}), (unit) => unit.load(jarAggregate, id, 1));
  await expect(late).rejects.toMatchObject({
    extensions: { code: 'CONFLICT', details: { id, expectedVersion: 1, version: 2 } },
  });
});

test('commands that race for one stream all succeed, one after the other', async () => {
  const { jars, id } = await arrange();
  await Promise.all(Array.from({ length: 40 }, () => jars.add(id, 1)));
  expect(await row(id)).toEqual({ version: 41, pebbles: 40 });
  const versions = (await jars.store.readStream(id)).map(({ version }) => version);
  expect(versions).toEqual(Array.from({ length: 41 }, (_, n) => n + 1));
});

test('racing commands decide on fresh state: what runs out is given once', async () => {
  const { jars, id } = await arrange();
  await jars.add(id, 5);
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => jars.take(id, 1)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  const refusals = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }) => reason as unknown);
  expect(refusals).toEqual(Array.from({ length: 7 }, () => withCode('TOO_FEW')));
  expect(await row(id)).toMatchObject({ pebbles: 0 });
});

test('what a command saved is what it loads again, and both savings are stored', async () => {
  const { jars, id } = await arrange();
  await jars.commands.execute(commandOf('twice', {}), async (unit) => {
    for (const count of [1, 2]) {
      const jar = await unit.load(jarAggregate, id);
      await unit.save(jarAggregate, jar, [{ type: 'PebblesAdded', data: { count } }], null);
    }
  });
  expect(await row(id)).toEqual({ version: 3, pebbles: 3 });
});

test('a command that fails after it has saved leaves nothing behind', async () => {
  const { jars, id } = await arrange();
  const failing = jars.commands.execute(commandOf('fail', {}), async (unit) => {
    const jar = await unit.load(jarAggregate, id);
    await unit.save(jarAggregate, jar, [{ type: 'PebblesAdded', data: { count: 1 } }], null);
    await unit.setTimer('soon', id, unit.now);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await row(id)).toEqual({ version: 1, pebbles: 0 });
  expect(await database.prisma.timer.count({ where: { context: jars.context } })).toBe(0);
});

test('a repeat is recalled before any work, for commands that first act elsewhere', async () => {
  const { jars, id } = await arrange();
  const request = commandOf('add', { id, count: 1 }, { idempotencyKey: 'k' });
  expect(await jars.commands.recall(request)).toBeNull();
  const answer = await jars.add(id, 1, { idempotencyKey: 'k' });
  expect(await jars.commands.recall(commandOf('add', { count: 1, id }, { idempotencyKey: 'k' }))).toEqual(
    answer,
  );
});

/** Commits, and then loses the answer as a broken connection would, once. */
function losingFirstCommit(inner: Database): Database {
  let lost = false;
  const prisma = new Proxy(inner.prisma, {
    get(client, name) {
      const member: unknown = Reflect.get(client, name);
      if (name !== '$transaction' || lost) return member;
      return async (...parameters: Parameters<typeof client.$transaction>) => {
        await client.$transaction(...parameters);
        lost = true;
        throw new Error('Connection terminated unexpectedly');
      };
    },
  });
  return { ...inner, prisma };
}

test('a commit whose answer is lost is found by its key: one effect, its own answer', async () => {
  const { jars, id } = await arrange();
  const commands = createCommands(losingFirstCommit(database), jars.store);
  let runs = 0;
  const answer = await commands.execute(commandOf('add', { id }), async (unit) => {
    runs++;
    const jar = await unit.load(jarAggregate, id);
    await unit.save(jarAggregate, jar, [{ type: 'PebblesAdded', data: { count: 1 } }], null);
    return 'added';
  });
  const [, added] = await jars.store.readStream(id);
  expect(answer).toEqual({ result: 'added', eventId: added?.id, version: 2, position: 2n });
  expect(runs).toBe(1);
  expect(await row(id)).toEqual({ version: 2, pebbles: 1 });
});

test('a commit without a key whose answer is lost is reported, never repeated', async () => {
  const { jars, id } = await arrange();
  const commands = createCommands(losingFirstCommit(database), jars.store);
  const asked = commands.execute(commandOf('add', { id }, { idempotencyKey: null }), async (unit) => {
    const jar = await unit.load(jarAggregate, id);
    await unit.save(jarAggregate, jar, [{ type: 'PebblesAdded', data: { count: 1 } }], null);
  });
  await expect(asked).rejects.toEqual(withCode('UNAVAILABLE'));
  expect(await row(id)).toEqual({ version: 2, pebbles: 1 });
});
