import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BLOCKER_CODES, type BlockerCode } from '../../../contracts/admission.js';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';

/** What resources says of plans too: a shared type must be defined alike wherever it is. */
const BlockerCodeEnum = Object.fromEntries(BLOCKER_CODES.map((code) => [code, code])) as {
  [Code in BlockerCode]: Code;
};
registerEnumType(BlockerCodeEnum, {
  name: 'BlockerCode',
  description: 'Why something does not run now.',
  valuesConfig: {
    QUOTA: { description: 'A quota of the project, or of one above it, is too small or used up.' },
    LENDING: { description: 'Who could lend GPUs lends no more.' },
    BUDGET: { description: 'The budget does not pay for it.' },
    APPROVAL: { description: 'Somebody has to approve it.' },
    DEPENDENCY: { description: 'It waits for something else to end.' },
    CAPACITY: { description: 'No devices are free.' },
    TOPOLOGY: { description: 'Free devices do not lie together as was asked.' },
    NO_MATCHING_DEVICE: { description: 'There is no such device, or not as many on one node.' },
    EXCEEDS_MAX: { description: 'It is more than can ever be given.' },
    QUEUE_STOPPED: { description: 'Its queue is stopped.' },
    HELD: { description: 'Somebody holds it back.' },
    POLICY: { description: 'A rule forbids it.' },
    CLUSTER_OFFLINE: { description: 'The cluster cannot be reached.' },
    WAITING_FOR_PREEMPTION: { description: 'Something else is being stopped for it.' },
    NOT_EVALUATED: { description: 'Nobody has looked at it yet.' },
  },
});

@ObjectType({ description: 'The thing that is in the way.' })
@Directive('@shareable')
export class BlockerRef {
  @Field(() => String, { description: 'Its type, for example `Project`, `GpuModel`, `Budget` or `Cluster`.' })
  type!: string;

  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType({ description: 'One thing that keeps something from running, with its numbers.' })
@Directive('@shareable')
export class Blocker {
  @Field(() => BlockerCodeEnum, { description: 'What it is.' })
  code!: BlockerCode;

  @Field(() => Int, { description: '1 is the one to look at first.' })
  rank!: number;

  @Field(() => Decimal, { nullable: true, description: 'How much is needed, in `unit`.' })
  need!: string | null;

  @Field(() => Decimal, { nullable: true, description: 'How much there is, in `unit`.' })
  free!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What is counted: `GPU`, a currency such as `USD`, `GPU_HOUR`.',
  })
  unit!: string | null;

  @Field(() => BlockerRef, {
    nullable: true,
    description: 'What is in the way: the project whose quota is full, the model that is taken, the budget.',
  })
  ref!: BlockerRef | null;

  @Field(() => String, { description: 'What you can do about it, in one sentence.' })
  action!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when it has been in the way; null in a plan.',
  })
  since!: string | null;
}
