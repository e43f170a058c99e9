import { Max, Min } from 'class-validator';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { CommandPayload, CreationInput } from '../../../platform/graphql/command.type.js';
import { NOMINAL_MAX } from './quota.js';
import { Quota } from './quota.type.js';

@InputType({ description: "A project's quota for a GPU model, to set or to change." })
export class SetQuotaInput extends CreationInput {
  @Field(() => ID, { description: 'Whose quota.' })
  projectId!: string;

  @Field(() => ID, { description: 'The id of the GPU model in the catalogue, for example `h100-sxm5-80gb`.' })
  gpuModelId!: string;

  @Field(() => Int, { description: `GPUs at one time, 0 to ${NOMINAL_MAX}.` })
  @Min(0)
  @Max(NOMINAL_MAX)
  nominal!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that you decided on. If the quota has moved on, refused with `CONFLICT`.',
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: 'The quota that was set.' })
export class SetQuotaPayload extends CommandPayload {
  @Field(() => Quota, { description: 'The quota, as it is right after the command.' })
  quota!: Quota;
}
