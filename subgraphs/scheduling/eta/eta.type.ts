import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';

/** When a waiting job is expected to get its devices. Without a ground for a time it says why there is none. */
export type Eta = { p50: string | null; p90: string | null; reason: string | null };

@ObjectType({
  description:
    'When a waiting job is expected to get its devices, reckoned from how long such jobs ran before, what runs now and what waits before it.',
})
export class JobEta implements Eta {
  @Field(() => DateTime, {
    nullable: true,
    description: 'It is as likely to start before as after; null where there is no ground to say.',
  })
  p50!: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'Nine of ten start by then (`Queue.etaHitRate` says how many really did); null where there is no ground to say.',
  })
  p90!: string | null;

  @Field(() => String, { nullable: true, description: 'Why a time is missing; null when none is.' })
  reason!: string | null;
}
