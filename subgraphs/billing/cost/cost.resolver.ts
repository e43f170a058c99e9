import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { Billable, Cost } from './cost.type.js';
import { visibleCost } from './visibleCost.js';

/** Inherited by every Billable. */
@Resolver(() => Billable)
export class CostResolver {
  @FieldResolver(() => Cost, { nullable: true })
  cost(@Root() { id }: Billable, @Ctx() context: Context): Promise<Cost | null> {
    return visibleCost(id, context);
  }
}
