import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import type { Positioned } from '../../platform/eventStore/event.js';
import type { EventLog } from '../../platform/log/log.js';
import { until } from '../testkit/until.js';
import { announced } from '../testkit/announced.js';

/** What every adapter of the event log must do. `open` gives a second member of the same log each time it is called. */
export function describeEventLog(open: () => Promise<EventLog>): void {
  const newContext = () => `context-${ulid().toLowerCase()}`;

  async function listen(log: EventLog, context: string) {
    const received: Positioned[] = [];
    const stop = await log.subscribe(context, (events) => void received.push(...events));
    return { received, stop, seen: () => received.map(({ position }) => position) };
  }

  test('whoever has subscribed receives what is published from then on, whole and in order', async () => {
    await using log = await open();
    const context = newContext();
    await log.publish(context, [announced(context, 1n)]);
    const listener = await listen(log, context);
    await log.publish(context, [announced(context, 2n), announced(context, 3n)]);
    await log.publish(context, [announced(context, 4n)]);
    await until('all are received', () => listener.seen().includes(4n));
    const first = listener.received.findIndex(({ position }) => position === 2n);
    expect(listener.received.slice(first)).toEqual(
      [2n, 3n, 4n].map((position) => announced(context, position)),
    );
  });

  test('every subscriber receives everything', async () => {
    await using log = await open();
    const context = newContext();
    const listeners = await Promise.all([1, 2, 3].map(() => listen(log, context)));
    await log.publish(context, [announced(context, 1n)]);
    for (const listener of listeners) await until('it is received', () => listener.seen().includes(1n));
  });

  test('contexts do not hear each other', async () => {
    await using log = await open();
    const [one, two] = [newContext(), newContext()];
    const [first, second] = [await listen(log, one), await listen(log, two)];
    await log.publish(one, [announced(one, 1n)]);
    await log.publish(two, [announced(two, 7n)]);
    await until('both have received', () => first.seen().length > 0 && second.seen().length > 0);
    expect([first.seen(), second.seen()]).toEqual([[1n], [7n]]);
  });

  test('who has left receives nothing more, and the others still do', async () => {
    await using log = await open();
    const context = newContext();
    const [leaver, stayer] = [await listen(log, context), await listen(log, context)];
    await leaver.stop();
    await log.publish(context, [announced(context, 1n)]);
    await until('the other has received', () => stayer.seen().includes(1n));
    expect(leaver.seen()).toEqual([]);
  });

  test('the first occurrences of repeated events are in order', async () => {
    await using log = await open();
    const context = newContext();
    const listener = await listen(log, context);
    const batch = (...positions: bigint[]) => positions.map((position) => announced(context, position));
    await log.publish(context, batch(1n, 2n, 3n));
    await log.publish(context, batch(2n, 3n, 4n));
    await until('the last is received', () => listener.seen().includes(4n));
    expect([...new Set(listener.seen())]).toEqual([1n, 2n, 3n, 4n]);
  });

  test('who subscribes while others publish misses nothing from then on', async () => {
    await using log = await open();
    const context = newContext();
    let position = 0n;
    let isOver = false;
    const publishing = (async () => {
      while (!isOver) {
        await log.publish(context, [announced(context, ++position)]);
        await new Promise(setImmediate);
      }
    })();
    await until('some are published', () => position > 5n);
    const listener = await listen(log, context);
    const from = position + 1n;
    await until('some are received', () => listener.seen().length > 20);
    isOver = true;
    await publishing;
    await until('the last is received', () => listener.seen().includes(position));
    const seen = listener.seen().filter((each) => each >= from);
    expect(seen).toEqual(seen.map((_, n) => from + BigInt(n)));
  });

  test('subscriptions that come and go cost the others nothing', async () => {
    await using log = await open();
    const context = newContext();
    const listener = await listen(log, context);
    for (let position = 1n; position <= 20n; position++) {
      await log.publish(context, [announced(context, position)]);
      if (position % 5n === 0n) await (await listen(log, newContext())).stop();
    }
    await until('the last is received', () => listener.seen().includes(20n));
    expect(listener.seen()).toEqual(Array.from({ length: 20 }, (_, n) => BigInt(n + 1)));
  });

  test('more than fits into one message of any log arrives whole and in order', async () => {
    await using log = await open();
    const context = newContext();
    const listener = await listen(log, context);
    const events = Array.from({ length: 2_000 }, (_, n) => ({
      ...announced(context, BigInt(n + 1)),
      data: { text: 'x'.repeat(2_000) },
    }));
    await log.publish(context, events);
    await until('the last is received', () => listener.seen().includes(2_000n));
    expect(listener.received).toEqual(events);
  });

  test('publishing nothing is no event', async () => {
    await using log = await open();
    const context = newContext();
    const listener = await listen(log, context);
    await log.publish(context, []);
    await log.publish(context, [announced(context, 1n)]);
    await until('it is received', () => listener.seen().includes(1n));
    expect(listener.seen()).toEqual([1n]);
  });
}
