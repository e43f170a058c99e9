import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../../platform/database/database.js';
import type { DomainEvent, Positioned } from '../../../platform/eventStore/event.js';
import { announced } from '../../../test/testkit/announced.js';
import { testDatabase } from '../../../test/testkit/testDatabase.js';
import { H100 } from '../billing.fixture.js';
import { toText } from '../money.js';
import { costOf, type PriceTimeline } from './rating.js';
import { usageProjection } from './usage.projection.js';
import { readUsageOfOwners } from './usage.repository.js';

const OWNERS = [
  { kind: 'INSTANCE', id: 'instance_1' },
  { kind: 'JOB', id: 'job_1' },
  { kind: 'DEPLOYMENT', id: 'deployment_1' },
];
const PRICES: PriceTimeline = [
  { priceBookVersion: 'old', from: 0, perHour: new Map([[H100, '2.99']]) },
  { priceBookVersion: 'new', from: Date.UTC(2026, 10, 21, 0, 5), perHour: new Map([[H100, '3.01']]) },
];

/** Everything that billing keeps of others' events, and what each owner is to pay, as text. */
async function readModel({ prisma }: Database): Promise<string> {
  const window = { from: -Infinity, to: Date.UTC(2026, 10, 22) };
  const bill = async (ownerId: string) =>
    toText(costOf(await readUsageOfOwners(prisma, [ownerId]), PRICES, window));
  const tables: unknown[] = await Promise.all([
    ...OWNERS.map(({ id }) => bill(id)),
    prisma.usage.findMany({ orderBy: { allocationId: 'asc' } }),
    prisma.earlyUsageEnd.findMany({ orderBy: { allocationId: 'asc' } }),
    prisma.costOwner.findMany({ orderBy: { id: 'asc' } }),
  ]);
  return JSON.stringify(tables);
}

/** The life of one allocation; `seconds` is null while it is open. */
const lifeOf = (index: number, seconds: number | null): Positioned[] => {
  const id = `allocation_${index}`;
  const from = Date.UTC(2026, 10, 21) + index * 1_000;
  const opened = {
    id,
    owner: OWNERS[index % OWNERS.length],
    projectId: 'project_1',
    gpuId: 'eu-1/h100-1/0',
    gpuModelId: H100,
    nodeId: 'eu-1/h100-1',
    basisPoints: 10_000,
    from: new Date(from).toISOString(),
  };
  const events: DomainEvent[] = [{ type: 'AllocationOpened', data: opened }];
  if (seconds !== null) {
    const to = new Date(from + seconds * 1_000).toISOString();
    events.push({ type: 'AllocationClosed', data: { id, to } });
  }
  return events.map((event) => ({ ...announced('resources', 1n), streamId: id, ...event }));
};

test('duplicates and any order of the events leave the same usage and the same bill', async () => {
  await using database = await testDatabase();
  const apply = (events: readonly Positioned[]) =>
    database.prisma.$transaction(async (tx) => {
      await usageProjection.clear(tx);
      for (const event of events) await usageProjection.apply(tx, event);
    });
  const lives = fc.array(fc.option(fc.nat(1_000)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(lives, fc.infiniteStream(fc.nat()), async (seconds, random) => {
      const events = seconds.flatMap((one, index) => lifeOf(index, one));
      await apply(events);
      const expected = await readModel(database);
      const twice = [...events, ...events].map((event) => ({ event, at: random.next().value ?? 0 }));
      await apply(twice.sort((a, b) => a.at - b.at).map(({ event }) => event));
      expect(await readModel(database)).toBe(expected);
    }),
    { numRuns: 8 },
  );
});
