import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../../test/testkit/until.js';
import type { Position } from '../eventStore/event.js';
import { PublicError } from '../errors.js';
import { createInProcessLog } from '../log/inProcessLog.js';
import { createTail } from '../log/tail.js';
import { createPeer, type PeerOptions } from './peer.js';
import { createRemoteCalls } from './remoteCalls.js';
import { createRemoteHistory } from './remoteHistory.js';
import {
  budgetExceeded,
  startToy,
  type Toy,
  type ToyCalls,
  toyCalls,
  toyHistory,
} from './subgraphServer.fixture.js';

const peerOf = (toy: Pick<Toy, 'url' | 'keys' | 'log'>, options: Partial<PeerOptions> = {}) =>
  createPeer({ name: 'toy', url: toy.url, caller: 'test', keys: toy.keys, log: toy.log, ...options });

const callsOf = (...args: Parameters<typeof peerOf>) =>
  createRemoteCalls<ToyCalls>(peerOf(...args), { add: true, forget: true, refuse: true, fail: true });

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as PublicError,
  );

test('calls answer what they answer in one process', async () => {
  await using toy = await startToy();
  for (const calls of [toyCalls, callsOf(toy)]) {
    expect(await calls.add({ left: 1, right: 2 })).toBe(3);
    expect(await calls.forget('x')).toBe(undefined);
  }
});

test('a refusal is the same PublicError as in one process', async () => {
  await using toy = await startToy();
  for (const calls of [toyCalls, callsOf(toy)]) {
    const error = await failureOf(calls.refuse());
    expect(error).toBeInstanceOf(PublicError);
    expect({ message: error.message, extensions: error.extensions }).toEqual({
      message: budgetExceeded().message,
      extensions: budgetExceeded().extensions,
    });
  }
});

test('an unexpected error crosses as an id, under which the called process has logged it', async () => {
  await using toy = await startToy();
  const { message, extensions } = await failureOf(callsOf(toy).fail());
  expect(extensions.code).toBe('INTERNAL_SERVER_ERROR');
  expect(message).not.toContain('db-7');
  const logged = toy.lines.find((line) => line.includes('db-7'));
  expect(logged).toContain(String(extensions.details['id']));
});

test('a process that is not there, does not answer in time or does not accept our key is UNAVAILABLE', async () => {
  await using toy = await startToy();
  await using silent = await startServer(() => {});
  const away = await startToy();
  await away[Symbol.asyncDispose]();
  const strangers = [{ id: 'k1', secret: randomBytes(32) }];
  for (const calls of [
    callsOf(away),
    callsOf(toy, { url: silent.url, timeoutMs: 50 }),
    callsOf(toy, { keys: strangers }),
    callsOf(toy, { name: 'other' }),
  ]) {
    const error = await failureOf(calls.add({ left: 1, right: 2 }));
    expect(error.extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(error.message).not.toMatch(/127\.0\.0\.1|ECONN/);
  }
});

async function startServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an outage is logged once, and its end', async () => {
  let isAway = true;
  await using toy = await startToy();
  await using fickle = await startServer((request, response) => {
    if (isAway) request.socket.destroy();
    else response.end('{"result":3}');
  });
  const { add } = callsOf(toy, { url: fickle.url });
  for (let attempt = 0; attempt < 3; attempt++) await failureOf(add({ left: 1, right: 2 }));
  isAway = false;
  expect(await add({ left: 1, right: 2 })).toBe(3);
  const said = toy.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(said).toEqual(['peer cannot be reached', 'peer is back']);
});

test('events are read from another process as from the own store', async () => {
  const own = toyHistory(1_234);
  await using toy = await startToy({ history: own });
  const remote = createRemoteHistory(peerOf(toy));
  expect(remote.context).toBe('toy');
  expect(await remote.head()).toBe(await own.head());
  for (const [after, limit] of [
    [0n, 10],
    [1_000n, 500],
    [0n, 1_000],
    [1_234n, 10],
  ] satisfies [Position, number][])
    expect(await remote.readContext(after, limit)).toEqual(await own.readContext(after, limit));
});

test('nobody reads more than a thousand events at once, or from a place that is none', async () => {
  await using toy = await startToy({ history: toyHistory(2_000) });
  const remote = createRemoteHistory(peerOf(toy));
  for (const [after, limit] of [
    [0n, 1_001],
    [-1n, 10],
    [10n ** 30n, 10],
  ] satisfies [Position, number][])
    expect((await failureOf(remote.readContext(after, limit))).extensions.code).toBe('BAD_REQUEST');
});

test('a tail over another process delivers every event once, in order, through an outage', async () => {
  let stored = 3;
  let isAway = false;
  const history = {
    context: 'toy',
    head: () => toyHistory(stored).head(),
    readContext: (after: Position, limit: number) =>
      isAway ? Promise.reject(new Error('away')) : toyHistory(stored).readContext(after, limit),
  };
  await using toy = await startToy({ history });
  const failures: unknown[] = [];
  await using tail = await createTail({
    history: createRemoteHistory(peerOf(toy)),
    log: createInProcessLog({ pollMs: 10 }),
    onError: (error) => void failures.push(error),
  });
  const seen: Position[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const events of tail.from(0n, stop.signal))
      seen.push(...events.map(({ position }) => position));
  })();
  await until('what was there is read', () => seen.length === 3);
  isAway = true;
  stored = 700;
  await until('the outage is noticed', () => failures.length > 0);
  isAway = false;
  await until('the rest is read', () => seen.length === 700);
  expect(seen).toEqual(Array.from({ length: 700 }, (_, index) => BigInt(index + 1)));
  stop.abort();
  await reading;
});
