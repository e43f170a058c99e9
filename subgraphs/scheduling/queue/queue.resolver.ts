import { Arg, Ctx, FieldResolver, ID, Query, Resolver } from 'type-graphql';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { maySeeContents } from '../visibility.js';
import { queueAggregate } from './queue.projection.js';
import { Queue, toQueue } from './queue.type.js';

@Resolver(() => Queue)
export class QueueResolver {
  @Query(() => Queue, { nullable: true, description: 'One queue, as it is or as it was.' })
  async queue(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The time to look back to; left out, now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<Queue | null> {
    const current = await visibleQueue(id, context);
    if (!asOf || !current) return current;
    const past = await context.store.load(queueAggregate, id, { until: asOf.toISOString() });
    const { state, ...entity } = past;
    return state && toQueue({ ...entity, state });
  }

  /** Queues have no commands yet. */
  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(): AvailableAction[] {
    return [];
  }
}

/** The one door to queues: what the viewer may not see is missing. */
export async function visibleQueue(id: string, { loaders, principal }: Context): Promise<Queue | null> {
  const queue = await loaders.queue.load(id);
  return queue && maySeeContents(principal, queue.state.projectId) ? toQueue(queue) : null;
}
