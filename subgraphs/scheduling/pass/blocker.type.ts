import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BLOCKER_CODE_MEANING, BlockerCode } from '../../../contracts/admission.js';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';

/** What resources says of plans too: a shared type must be defined alike wherever it is. */
registerEnumType(BlockerCode, {
  name: 'BlockerCode',
  description: 'Why something does not run now.',
  valuesConfig: BLOCKER_CODE_MEANING,
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
  @Field(() => BlockerCode, { description: 'What it is.' })
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
