import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { toMoney } from '../money.js';
import { costOf, ratePerHour } from '../usage/rating.js';
import { maySeeOwnerCost } from '../visibility.js';
import { Billable, Cost } from './cost.type.js';

/** Inherited by every Billable. */
@Resolver(() => Billable)
export class CostResolver {
  @FieldResolver(() => Cost, { nullable: true })
  async cost(@Root() { id }: Billable, @Ctx() context: Context): Promise<Cost | null> {
    const { loaders, principal } = context;
    const [owner, usages] = await Promise.all([loaders.owner.load(id), loaders.usageOfOwner.load(id)]);
    if (!owner || !maySeeOwnerCost(principal, owner)) return null;
    const [prices, date] = await Promise.all([context.prices(), context.now()]);
    const now = date.getTime();
    return {
      accrued: toMoney(costOf(usages, prices, { from: -Infinity, to: now })),
      ratePerHour: toMoney(ratePerHour(usages, prices, now)),
    };
  }
}
