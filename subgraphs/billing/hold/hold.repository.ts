import type { Transaction } from '../../../platform/database/database.js';
import type { Usage } from '../usage/rating.js';
import { readUsageOfOwners } from '../usage/usage.repository.js';

/** The id of the owner's live hold; an owner has at most one. */
export async function findLiveHold(
  reader: Pick<Transaction, 'budgetHold'>,
  ownerId: string,
): Promise<string | null> {
  const row = await reader.budgetHold.findFirst({ where: { ownerId, live: true }, select: { id: true } });
  return row?.id ?? null;
}

/**
 * Whether the owner has got what its hold was placed for, and whether it still has it: what closed before the hold was
 * placed belongs to an earlier one.
 */
export async function readConfirmation(
  reader: Pick<Transaction, 'usage'>,
  ownerId: string,
  placedAt: string,
): Promise<{ confirmed: boolean; open: Usage[] }> {
  const usages = await readUsageOfOwners(reader, [ownerId]);
  return {
    confirmed: usages.some(({ to }) => to === null || to > Date.parse(placedAt)),
    open: usages.filter(({ to }) => to === null),
  };
}
