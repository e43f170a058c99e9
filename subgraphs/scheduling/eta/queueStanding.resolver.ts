import { Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { Queue } from '../queue/queue.type.js';

/** What the pass knows of a queue. Who sees the queue may see it. */
@Resolver(() => Queue)
export class QueueStandingResolver {
  @FieldResolver(() => Int, { description: 'Jobs that wait in it now.' })
  waiting(@Root() { id }: Queue, @Ctx() { queueStandingOf }: Context): number {
    return queueStandingOf(id).waiting;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'The part of its latest jobs, from 0 to 1, that got their devices by the first `eta.p90` that they were given; 0.9 is what is aimed at. Null as long as none was given one.',
  })
  etaHitRate(@Root() { id }: Queue, @Ctx() { queueStandingOf }: Context): number | null {
    return queueStandingOf(id).etaHitRate;
  }
}
