import { Arg, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../context.js';
import { CostScopeInput } from './costTicker.inputs.js';
import { openCostTicker } from './costTicker.feed.js';
import { CostTick } from './costTicker.type.js';

type Subscribed = { args: { scope: CostScopeInput }; context: Context };

@Resolver()
export class CostTickerResolver {
  @Subscription(() => CostTick, {
    subscribe: ({ args, context }: Subscribed) => openCostTicker(args.scope, context),
    description:
      'What something costs, as it runs: first as it stands, then whenever a device is given, given back or priced anew, and once a second as long as it costs. It stays open and quiet while nothing runs. A slow reader gets the newest amounts and misses those between.',
  })
  costTicker(
    @Root() tick: CostTick,
    @Arg('scope', () => CostScopeInput, { description: 'Of what.' }) _scope: CostScopeInput,
  ): CostTick {
    return tick;
  }
}
