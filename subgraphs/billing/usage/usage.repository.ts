import type { Transaction } from '../../../platform/database/database.js';
import type { PriceTimeline, Usage } from './rating.js';
import type { Rate } from '../priceBook/priceBook.js';

export type UsageRow = Awaited<ReturnType<Transaction['usage']['findFirstOrThrow']>>;

type BookRow = { name: string | null; inForceFrom: Date | null; state: unknown };

/** The price books that were activated, in the order in which they come into force. */
export async function readPrices(reader: Pick<Transaction, 'priceBook'>): Promise<PriceTimeline> {
  const rows = await reader.priceBook.findMany({
    where: { inForceFrom: { not: null } },
    orderBy: [{ inForceFrom: 'asc' }, { id: 'asc' }],
  });
  return toTimeline(rows);
}

/** The same, with the database's time in the same statement. */
export async function readPricesNow(
  reader: Pick<Transaction, '$queryRaw'>,
): Promise<{ now: Date; prices: PriceTimeline }> {
  const rows = await reader.$queryRaw<(BookRow & { now: Date })[]>`
    SELECT clock.now, book.name, book.in_force_from AS "inForceFrom", book.state
    FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS now) AS clock
    LEFT JOIN billing.price_book AS book ON book.in_force_from IS NOT NULL
    ORDER BY book.in_force_from, book.id`;
  const now = rows[0]?.now;
  if (!now) throw new Error('The database told no time');
  return { now, prices: toTimeline(rows) };
}

/** Of price books in the order in which they come into force. */
export const toTimeline = (rows: readonly BookRow[]): PriceTimeline =>
  rows.flatMap(({ name, inForceFrom, state }) => {
    if (name === null || inForceFrom === null) return [];
    const { rates } = state as { rates: Rate[] };
    const perHour = new Map(rates.map((rate) => [rate.gpuModelId, rate.perHour]));
    return [{ priceBookVersion: name, from: inForceFrom.getTime(), perHour }];
  });

/** Everything that the owners ever used, oldest first. */
export async function readUsageOfOwners(
  reader: Pick<Transaction, 'usage'>,
  ownerIds: readonly string[],
): Promise<Usage[]> {
  const rows = await reader.usage.findMany({ where: { ownerId: { in: [...ownerIds] } }, orderBy: ORDER });
  return rows.map(toUsage);
}

/** What the projects used at any moment from `since` on, oldest first. */
export async function readUsageOfProjects(
  reader: Pick<Transaction, 'usage'>,
  projectIds: readonly string[],
  since: Date,
): Promise<Usage[]> {
  const rows = await reader.usage.findMany({
    where: { projectId: { in: [...projectIds] }, OR: [{ to: null }, { to: { gt: since } }] },
    orderBy: ORDER,
  });
  return rows.map(toUsage);
}

const ORDER = [{ from: 'asc' }, { allocationId: 'asc' }] as const satisfies object[];

export const toUsage = ({ from, to, ...row }: UsageRow): Usage => ({
  ...row,
  from: from.getTime(),
  to: to === null ? null : to.getTime(),
});
