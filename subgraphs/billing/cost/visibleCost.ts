import type { Context } from '../context.js';
import { toMoney } from '../money.js';
import { costOf, ratePerHour } from '../usage/rating.js';
import { maySeeOwnerCost, type OwnerFacts } from '../visibility.js';
import type { Cost } from './cost.type.js';

/**
 * Whose something is that costs money, if the viewer may see what it costs; else null. Of what nobody has told billing,
 * its use says where it belongs.
 */
export async function visibleOwner(id: string, { loaders, principal }: Context): Promise<OwnerFacts | null> {
  const [known, [first]] = await Promise.all([loaders.owner.load(id), loaders.usageOfOwner.load(id)]);
  const owner = known ?? (first ? { projectId: first.projectId, createdBy: null } : null);
  return owner && maySeeOwnerCost(principal, owner) ? owner : null;
}

/** What it has cost until now, and costs; null where the viewer may not see that. */
export async function visibleCost(id: string, context: Context): Promise<Cost | null> {
  const [owner, usages] = await Promise.all([
    visibleOwner(id, context),
    context.loaders.usageOfOwner.load(id),
  ]);
  if (!owner) return null;
  const [prices, date] = await Promise.all([context.prices(), context.now()]);
  const now = date.getTime();
  return {
    accrued: toMoney(costOf(usages, prices, { from: -Infinity, to: now })),
    ratePerHour: toMoney(ratePerHour(usages, prices, now)),
  };
}
