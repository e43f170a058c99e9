import { expect, test } from 'vitest';
import type { AllocationEvent } from '../../../contracts/resources.events.js';
import { createDisposables } from '../../../platform/disposables.js';
import type { DomainEvent, Positioned } from '../../../platform/eventStore/event.js';
import { createInProcessLog } from '../../../platform/log/inProcessLog.js';
import { createTail } from '../../../platform/log/tail.js';
import { announced } from '../../../test/testkit/announced.js';
import { until } from '../../../test/testkit/until.js';
import { toText } from '../money.js';
import { createCostMeters } from './costMeters.js';
import { runMeter } from './runningMeter.js';

const scope = { ownerId: 'job_1' };
const opened = (id: string, ownerId = 'job_1'): AllocationEvent => ({
  type: 'AllocationOpened',
  data: {
    id,
    owner: { kind: 'JOB', id: ownerId },
    projectId: 'vision',
    gpuId: 'eu-1/h100-1/0',
    gpuModelId: 'h100',
    nodeId: 'eu-1/h100-1',
    basisPoints: 10_000,
    from: new Date().toISOString(),
  },
});
const closed = (id: string): AllocationEvent => ({
  type: 'AllocationClosed',
  data: { id, to: new Date().toISOString() },
});

/** A context whose events the test stores. */
async function context(name: string) {
  const events: Positioned[] = [];
  const history = {
    context: name,
    head: () => Promise.resolve(BigInt(events.length)),
    readContext: (after: bigint, limit: number) =>
      Promise.resolve(events.slice(Number(after), Number(after) + limit)),
  };
  const log = createInProcessLog();
  const tail = await createTail({ history, log, onError: (error) => expect.fail(String(error)) });
  return {
    tail,
    append: async (event: DomainEvent) => {
      events.push({ ...announced(name, BigInt(events.length + 1)), ...event });
      await log.publish(name, events.slice(-1));
    },
    [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose](),
  };
}

async function arrange() {
  const { use, ...disposables } = createDisposables();
  const resources = use(await context('resources'));
  const billing = use(await context('billing'));
  let rate = '3600';
  let reads = 0;
  let running = 0;
  const meters = use(
    createCostMeters(() => {
      running += 1;
      const meter = runMeter({
        read: async () => {
          reads += 1;
          const prices = [{ priceBookVersion: 'book', from: 0, perHour: new Map([['h100', rate]]) }];
          return { position: 0n, now: Date.now(), usages: [], prices };
        },
        isInScope: async ({ owner }) => owner.id === scope.ownerId,
        resources: async () => resources.tail,
        billing: async () => billing.tail,
        onError: (error) => expect.fail(String(error)),
      });
      return {
        ...meter,
        [Symbol.asyncDispose]: async () => {
          await meter[Symbol.asyncDispose]();
          running -= 1;
        },
      };
    }),
  );
  return {
    resources,
    meters,
    reads: () => reads,
    running: () => running,
    reprice: async (perHour: string) => {
      rate = perHour;
      await billing.append({ type: 'PriceBookActivated', data: { id: 'book', inForceFrom: '' } });
    },
    ...disposables,
  };
}

/** Somebody who watches, and the rates that they have seen. */
function watch({ meters }: Awaited<ReturnType<typeof arrange>>) {
  const stop = new AbortController();
  const seen: { at: number; accrued: string; rate: string }[] = [];
  const watching = (async () => {
    for await (const { at, accrued, ratePerHour } of meters.watch(scope, stop.signal))
      seen.push({ at, accrued: toText(accrued), rate: toText(ratePerHour) });
  })();
  return {
    seen,
    sees: (rate: string) => until(`the rate is ${rate}`, () => seen.at(-1)?.rate === rate),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}

test('it tells every change at once, ticks while something costs, and is quiet while nothing does', async () => {
  await using world = await arrange();
  await using viewer = watch(world);
  await viewer.sees('0');
  await world.resources.append(opened('allocation_1'));
  await viewer.sees('3600');
  await world.resources.append(opened('allocation_2', 'job_2'));
  await world.resources.append(opened('allocation_3'));
  await viewer.sees('7200');
  const before = viewer.seen.length;
  await until('it has ticked twice', () => viewer.seen.length === before + 2);
  const [first, second] = viewer.seen.slice(-2);
  expect(Number(second?.accrued)).toBeCloseTo(
    Number(first?.accrued) + 2 * (((second?.at ?? 0) - (first?.at ?? 0)) / 1_000),
    9,
  );
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  await world.resources.append(closed('allocation_1'));
  await world.resources.append(closed('allocation_3'));
  await viewer.sees('0');
  const ended = viewer.seen.length;
  await using other = watch(world);
  await other.sees('0');
  expect(viewer.seen).toHaveLength(ended);
  expect(other.seen.at(-1)?.accrued).toBe(viewer.seen.at(-1)?.accrued);
});

test('all who watch share one reading and one meter, which ends with the last of them', async () => {
  await using world = await arrange();
  {
    await using first = watch(world);
    await first.sees('0');
    await using second = watch(world);
    await second.sees('0');
    await world.resources.append(opened('allocation_1'));
    await Promise.all([first.sees('3600'), second.sees('3600')]);
    const ticks = first.seen.length;
    await until('both have seen the same ticks', () => first.seen.length > ticks && second.seen.length > 2);
    expect(second.seen.slice(1).map(({ at }) => at)).toEqual(
      first.seen.slice(1, second.seen.length).map(({ at }) => at),
    );
    expect([world.reads(), world.running()]).toEqual([1, 1]);
  }
  expect(world.running()).toBe(0);
  await using again = watch(world);
  await again.sees('3600');
  expect([world.reads(), world.running()]).toEqual([2, 1]);
});

test('when prices change everything is read again', async () => {
  await using world = await arrange();
  await using viewer = watch(world);
  await world.resources.append(opened('allocation_1'));
  await viewer.sees('3600');
  await world.reprice('7200');
  await viewer.sees('7200');
  expect(world.reads()).toBe(2);
});
