import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Money } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { toMoney } from '../money.js';
import { priceAt } from '../usage/rating.js';
import { GpuModelStub } from './gpuModel.type.js';

/** Prices are no secret: everybody who may use the graph may see them. */
@Resolver(() => GpuModelStub)
export class GpuModelResolver {
  @FieldResolver(() => Money, { nullable: true })
  async pricePerHour(@Root() { id }: GpuModelStub, @Ctx() context: Context): Promise<Money | null> {
    const [prices, now] = await Promise.all([context.prices(), context.now()]);
    const perHour = priceAt(prices, now.getTime())?.perHour.get(id);
    return perHour === undefined ? null : toMoney(perHour);
  }
}

export const gpuModelReference = ({ id }: { id: string }): GpuModelStub => ({ id });
