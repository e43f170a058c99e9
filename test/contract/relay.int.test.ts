import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database/database.js';
import type { Position, Positioned } from '../../platform/eventStore/event.js';
import type { Lease, Term } from '../../platform/lease/lease.js';
import { createLedRelay } from '../../platform/log/relay.js';
import { announced } from '../testkit/announced.js';
import { testDatabase } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/** Where a relay can be held up, or end without a word. */
const PLACES = ['read', 'publish', 'published', 'checkpoint'] as const;
type Place = (typeof PLACES)[number];

const KILLED = new Error('killed');

/** A place that a relay does not get through before it is let on. */
function createGate() {
  let isShut: Place | null = null;
  let isKilled = false;
  let open = () => {};
  let waiting: Promise<void> | null = null;
  return {
    shut(place: Place): void {
      isShut ??= place;
    },
    /** Goes on, or never does anything again. */
    let: (how: 'on' | 'down'): void => {
      isShut = null;
      isKilled ||= how === 'down';
      waiting = null;
      open();
    },
    async pass(place: Place): Promise<void> {
      if (isShut === place) await (waiting ??= new Promise<void>((resolve) => (open = resolve)));
      if (isKilled) throw KILLED;
    },
  };
}

/** A shared log and relays of one context, each of which believes that it leads. Their checkpoint is in the database. */
function arrange() {
  const context = `toy_${ulid()}`;
  const stored: Positioned[] = [];
  const published: Position[] = [];
  const moves: Position[] = [];
  let latest = 0n;

  /** It never learns that its term is over: it was paused, and looks at nothing before it writes. */
  function startRelay() {
    const epoch = ++latest;
    const gate = createGate();
    const term: Term = { epoch, isOver: () => false, over: new AbortController().signal };
    const lease: Lease = {
      name: context,
      term: () => term,
      next: (signal) => Promise.resolve(signal.aborted ? null : term),
    };
    const prisma = database.prisma.$extends({
      query: {
        checkpoint: {
          async updateMany({ args, query }) {
            await gate.pass('checkpoint');
            const result = await query(args);
            if (result.count > 0) moves.push(args.data.position as Position);
            return result;
          },
        },
      },
    });
    const relay = createLedRelay({
      database: { ...database, prisma: prisma as unknown as Database['prisma'] },
      lease,
      pollMs: 5,
      onError: () => {},
      history: {
        context,
        head: () => Promise.resolve(BigInt(stored.length)),
        async readContext(after) {
          await gate.pass('read');
          return stored.slice(Number(after), Number(after) + 3);
        },
      },
      log: {
        isShared: true,
        pollMs: () => 1_000,
        async publish(_context, events) {
          await gate.pass('publish');
          for (const { position } of events) published.push(position);
          await gate.pass('published');
        },
        subscribe: () => Promise.resolve(() => Promise.resolve()),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
    });
    return { relay, gate };
  }

  const where = { name_context: { name: 'relay', context } };

  return {
    startRelay,
    published,
    moves,
    checkpoint: () => database.prisma.checkpoint.findUnique({ where }),
    stored,
    commit(count: number): void {
      for (let n = 0; n < count; n++) stored.push(announced(context, BigInt(stored.length + 1)));
    },
  };
}

const step = fc.oneof(
  fc.record({ act: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ act: fc.constant('hold' as const), which: fc.nat(3), place: fc.constantFrom(...PLACES) }),
  fc.record({ act: fc.constant('let' as const), which: fc.nat(3), how: fc.constantFrom('on', 'down') }),
  fc.record({ act: fc.constant('takeOver' as const) }),
  fc.record({ act: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 30 }) }),
);

const range = (to: number) => Array.from({ length: to }, (_, n) => BigInt(n + 1));

test('whoever is paused, killed or taken over from whenever: what is published first is all, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = arrange();
      const relays = [world.startRelay()];
      const relayAt = (which: number) => relays[which % relays.length];
      world.commit(3);
      for (const each of steps) {
        if (each.act === 'commit') world.commit(each.count);
        if (each.act === 'takeOver') relays.push(world.startRelay());
        if (each.act === 'hold') relayAt(each.which)?.gate.shut(each.place);
        if (each.act === 'let') relayAt(each.which)?.gate.let(each.how as 'on' | 'down');
        if (each.act === 'wait')
          for (let turn = 0; turn < each.turns; turn++) await new Promise(setImmediate);
      }
      // All that were paused come back, while a last one leads.
      relays.push(world.startRelay());
      for (const { gate } of relays) gate.let('on');
      const end = BigInt(world.stored.length);
      await until('all is published', async () => (await world.checkpoint())?.position === end);
      for (const { relay } of relays) await relay[Symbol.asyncDispose]();

      expect([...new Set(world.published)]).toEqual(range(world.stored.length));
      expect(await world.checkpoint()).toMatchObject({ position: end, epoch: BigInt(relays.length) });
      // Whoever was followed by another cannot move it, so it never goes back.
      expect(world.moves).toEqual([...world.moves].sort((a, b) => Number(a - b)));
    }),
    { numRuns: 40 },
  );
});
