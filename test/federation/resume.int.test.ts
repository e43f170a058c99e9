import { type Client as SocketClient, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { decodeCursor } from '../../platform/feed/cursor.js';
import { dataOf, newKey, startFleet, type TestFleet } from '../testkit/fleet.js';
import { operation } from '../testkit/operations.js';
import { randomsOf } from '../testkit/randoms.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const CUTS = 200;
const INSTANCES = 3;
const WATCHERS_PER_INSTANCE = 3;
/** Some connections are cut while they open, the others after as many items, or as long after their first. */
const ITEMS_MAX = 4;
const OPENING_MS = 30;
const OPEN_MS = 250;
const GPU_MODEL = 'a100-sxm4-80gb';

let fleet: TestFleet;
let tenant: Tenant;
let token: string;
let cuts = 0;
/** The feeds were cut often enough: the instances are to end. */
let ending = false;
/** They have ended: nothing more will happen to them. */
let ended = false;
const open = new Set<{ cut: () => void }>();

beforeAll(async () => {
  fleet = await startFleet();
  tenant = await createTenant(fleet, { quotas: { [GPU_MODEL]: INSTANCES } });
  token = await developmentToken(fleet.fleet.issuer, 'vision-researcher');
});
afterAll(() => fleet[Symbol.asyncDispose]());

const positionsOf = async (id: string) =>
  (await fleet.fleet.core.resources.spine.store.readStream(id)).map(({ position }) => position);

test(`a feed that is cut ${CUTS} times and resumed with its last cursor delivers every event once and in order`, async () => {
  const randoms = randomsOf();
  const ids = await Promise.all(
    Array.from({ length: INSTANCES }, async () => {
      const { requestInstance } = dataOf(await tenant.requestInstance(GPU_MODEL, 1));
      return requestInstance.instance.id;
    }),
  );
  const watching = ids.flatMap((id) =>
    Array.from({ length: WATCHERS_PER_INSTANCE }, () => watch(id, randoms)),
  );
  const changing = ids.map(keepChanging);
  const enough = until(`there were ${CUTS} cuts`, () => cuts >= CUTS, 150_000);
  // A feed or a command that fails ends the test at once.
  await Promise.race([enough, Promise.all([...watching, ...changing])]);
  ending = true;
  await Promise.all(changing);
  ended = true;
  for (const connection of open) connection.cut();

  for (const { id, seen } of await Promise.all(watching)) {
    // The first is the snapshot, as of the context's newest event then.
    const [snapshot = 0n, ...followed] = seen;
    const since = (await positionsOf(id)).filter((position) => position > snapshot);
    expect({ seed: randoms.seed, followed }).toEqual({ seed: randoms.seed, followed: since });
    expect(followed.length).toBeGreaterThan(0);
  }
}, 200_000);

/** Stops and starts an instance until the feeds were cut often enough, and ends it then. */
async function keepChanging(id: string): Promise<void> {
  const command = async (name: string) =>
    dataOf(await tenant.researcher.run(name, { input: { id, idempotencyKey: newKey() } }));
  type Item = { instanceEvents: { instance: { state: string } } };
  for await (const answer of tenant.researcher.subscribe<Item>('InstanceEvents', { id })) {
    const { state } = dataOf(answer).instanceEvents.instance;
    if (state === 'TERMINATED') return;
    if (state === 'RUNNING') await command(ending ? 'TerminateInstance' : 'StopInstance');
    if (state === 'STOPPED') await command(ending ? 'TerminateInstance' : 'StartInstance');
  }
}

/** Follows an instance to its end over connections that do not last. What it saw are positions in the context's log. */
async function watch(id: string, { below }: ReturnType<typeof randomsOf>) {
  const seen: bigint[] = [];
  let cursor: string | null = null;
  const isOver = async () => ended && seen.at(-1) === (await positionsOf(id)).at(-1);
  while (!(await isOver())) {
    let left = below(ITEMS_MAX);
    const connection = connect(below(4) === 0 ? below(OPENING_MS) : null);
    open.add(connection);
    try {
      for await (const item of connection.items(id, cursor)) {
        if (!connection.wasCut()) setTimeout(connection.cut, below(OPEN_MS));
        cursor = item.cursor;
        seen.push(decodeCursor('resources', item.cursor));
        if (left-- === 0) connection.cut();
      }
    } catch (error) {
      if (!connection.wasCut()) throw error;
    }
    open.delete(connection);
    cuts += 1;
  }
  return { id, seen };
}

/** A connection that is cut as a network does it, without a word: when told to, or soon after it begins to open. */
function connect(openingMs: number | null) {
  let socket: WebSocket | null = null;
  let wasCut = false;
  const cut = () => {
    wasCut = true;
    socket?.terminate();
  };
  const opened = (opening: WebSocket) => {
    socket = opening;
    if (wasCut) queueMicrotask(cut);
    if (openingMs !== null) setTimeout(cut, openingMs);
  };
  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      opened(this);
    }
  }
  const client: SocketClient = createClient({
    url: `${fleet.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Socket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  return {
    wasCut: () => wasCut,
    cut,
    async *items(id: string, after: string | null) {
      const payload = { query: operation('InstanceEvents'), variables: { id, after } };
      for await (const { data } of client.iterate<{ instanceEvents: { cursor: string } }>(payload))
        if (data) yield data.instanceEvents;
    },
  };
}
