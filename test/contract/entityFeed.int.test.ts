import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { entityFeed, type FeedItem } from '../../platform/feed/entityFeed.js';
import { type Jar, jarAggregate, jarDatabase, type JarEvent } from '../testkit/jars.js';
import { hearJars } from '../testkit/heardJars.js';
import { randomsOf } from '../testkit/randoms.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

type Item = FeedItem<Jar, JarEvent>;

async function arrange(options: { ringMax?: number } = {}) {
  const heard = await hearJars(database, options);
  const { jars, tail } = heard;
  const id = `jar_${ulid()}`;
  return {
    ...heard,
    id,
    open: (after: string | null, signal: AbortSignal) =>
      entityFeed({ store: jars.store, tail, aggregate: jarAggregate, id, after, signal }),
  };
}

type World = Awaited<ReturnType<typeof arrange>>;

/** Takes items from a newly opened feed until `enough`, then hangs up. */
async function take(world: World, after: string | null, enough: (items: Item[]) => boolean): Promise<Item[]> {
  const stop = new AbortController();
  const items: Item[] = [];
  for await (const item of world.open(after, stop.signal)) {
    items.push(item);
    if (enough(items)) stop.abort();
  }
  return items;
}

const versions = (items: Item[]) => items.map(({ entity }) => entity.version);

test('without a cursor a feed begins with the state as it is, and goes on with every change', async () => {
  await using world = await arrange();
  const { jars, id } = world;
  await jars.make(id);
  await jars.add(id, 2);
  const taking = take(world, null, (items) => {
    if (items.length === 1) void jars.add(id, 3);
    return items.length === 2;
  });
  const [snapshot, change] = await taking;
  expect(snapshot).toMatchObject({ event: null, entity: { version: 2, state: { pebbles: 2 } } });
  expect(change).toMatchObject({
    event: { type: 'PebblesAdded', data: { count: 3 } },
    entity: { version: 3, state: { pebbles: 5 } },
  });
});

test('with a cursor a feed goes on behind it, each item with the state right after its event', async () => {
  await using world = await arrange();
  const { jars, id } = world;
  await jars.make(id);
  const [snapshot] = await take(world, null, () => true);
  for (const count of [1, 2, 3]) await jars.add(id, count);
  const items = await take(world, snapshot?.cursor ?? '', (so) => so.length === 3);
  expect(versions(items)).toEqual([2, 3, 4]);
  expect(items.map(({ entity }) => entity.state.pebbles)).toEqual([1, 3, 6]);
});

test('a feed of something that does not exist yet begins with its birth', async () => {
  await using world = await arrange();
  const taking = take(world, null, (items) => items.length === 1);
  await world.jars.make(world.id);
  expect((await taking)[0]).toMatchObject({ event: { type: 'JarMade' }, entity: { version: 1 } });
});

test('a cursor of another context, or no cursor at all, is refused', async () => {
  await using world = await arrange();
  await using other = await arrange();
  await other.jars.make(other.id);
  const [item] = await take(other, null, () => true);
  for (const cursor of [item?.cursor ?? '', '', 'nonsense', '🂡'])
    await expect(take(world, cursor, () => true)).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
});

test('a feed ends at once when it is given up', async () => {
  await using world = await arrange();
  const stop = new AbortController();
  const waiting = world.open(null, stop.signal).next();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('cut at random and resumed with its last cursor, 200 times under load, a feed brings every event once and in order', async () => {
  const { seed, below } = randomsOf();
  await using world = await arrange({ ringMax: 16 });
  const { jars, id } = world;
  await jars.make(id);
  const noise = `jar_${ulid()}`;
  await jars.make(noise);
  let writing = true;
  const load = (async () => {
    while (writing) await jars.add(below(3) === 0 ? noise : id, 1);
  })();
  const seen: number[] = [];
  let cursor: string | null = null;
  for (let cut = 0; cut < 200; cut++) {
    const enough = 1 + below(2);
    const items: Item[] = await take(world, cursor, (so) => so.length >= enough);
    seen.push(...versions(items));
    cursor = items.at(-1)?.cursor ?? cursor;
  }
  writing = false;
  await load;
  const [first = 0] = seen;
  const contiguous = Array.from({ length: seen.length }, (_, n) => first + n);
  expect({ seed, seen }).toEqual({ seed, seen: contiguous });
  expect(seen.length).toBeGreaterThanOrEqual(200);
});
