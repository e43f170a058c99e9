import type { Transaction } from '../../../platform/database/database.js';
import type { PriceTimeline, Usage } from './rating.js';
import type { Rate } from '../priceBook/priceBook.js';

type UsageRow = Awaited<ReturnType<Transaction['usage']['findFirstOrThrow']>>;

/** The price books that were activated, in the order in which they come into force. */
export async function readPrices(reader: Pick<Transaction, 'priceBook'>): Promise<PriceTimeline> {
  const rows = await reader.priceBook.findMany({
    where: { inForceFrom: { not: null } },
    orderBy: [{ inForceFrom: 'asc' }, { id: 'asc' }],
  });
  return rows.map(({ name, inForceFrom, state }) => ({
    priceBookVersion: name,
    from: Number(inForceFrom),
    perHour: new Map(
      (state as { rates: Rate[] }).rates.map(({ gpuModelId, perHour }) => [gpuModelId, perHour]),
    ),
  }));
}

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

const toUsage = ({ from, to, ...row }: UsageRow): Usage => ({
  ...row,
  from: from.getTime(),
  to: to === null ? null : to.getTime(),
});
