import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import type { AttemptEndReason, Payer } from '../../../contracts/endReasons.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AttemptEndReasonName, PayerName } from './job.enums.js';
import { AllocationStub, GpuModelStub } from './stubs.type.js';

/** Resources says the same of instances: a shared type must be defined alike wherever it is. */
@ObjectType({ description: 'The GPUs that were asked for.' })
@Directive('@shareable')
export class GpuRequest {
  @Field(() => [ID], { description: 'Models by catalogue id, first choice first.' })
  modelIn!: string[];

  @Field(() => Int, { description: 'How many, all of one model.' })
  count!: number;
}

@ObjectType({
  description: 'One try at running a job: from the reservation of its devices until they are given back.',
})
export class JobAttempt {
  @Field(() => Int, { description: '1 for the first, without gaps.' })
  number!: number;

  @Field(() => GpuModelStub, { description: 'The model of its devices.' })
  gpuModel!: GpuModelStub;

  @Field(() => [AllocationStub], { description: 'The devices that it has or had; none before it got any.' })
  allocations!: AllocationStub[];

  @Field(() => DateTime, { description: 'When its devices were asked for.' })
  reservedAt!: string;

  @Field(() => DateTime, { nullable: true, description: 'When all its pods ran; null if they never did.' })
  startedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null as long as it has not.' })
  endedAt!: string | null;

  @Field(() => AttemptEndReasonName, {
    nullable: true,
    description: 'Why it ended; null as long as it has not.',
  })
  reason!: AttemptEndReason | null;

  @Field(() => Int, {
    nullable: true,
    description: 'What its program ended with, if it did and that is known.',
  })
  exitCode!: number | null;

  @Field(() => String, { nullable: true, description: 'More about its end, in words.' })
  message!: string | null;

  @Field(() => PayerName, {
    nullable: true,
    description:
      'Who is to bear the cost of its time, by whose fault its end was; null as long as it has not ended. The cost of the project has all of it: PLATFORM is the ground for a credit.',
  })
  payer!: Payer | null;
}
