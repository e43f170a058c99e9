import { Field, Int, ObjectType } from 'type-graphql';
import { GpuModelStub } from '../gpuModel/gpuModel.type.js';

@ObjectType({ description: 'A model of GPU that can hold it, and how many of them it takes.' })
export class VramFit {
  @Field(() => GpuModelStub, { description: 'The model of GPU.' })
  gpuModel!: GpuModelStub;

  @Field(() => Int, { description: 'The smallest tensor-parallel group that can hold it: 1, 2, 4 or 8.' })
  gpus!: number;

  @Field(() => Int, { description: 'What each of them has to hold, in MiB.' })
  neededMiB!: number;

  @Field(() => Int, {
    description: 'What each of them can hold: 92 % of its nominal memory, in MiB.',
  })
  usableMiB!: number;
}

@ObjectType({ description: 'How much GPU memory it takes to serve or to train a model, by a rule of thumb.' })
export class VramEstimate {
  @Field(() => Int, { description: 'Its parameters, in MiB.' })
  weightsMiB!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Keys and values of the tokens in flight, in MiB; null where the architecture is not known: then it is part of the overhead.',
  })
  kvCacheMiB!: number | null;

  @Field(() => Int, {
    description: "Adapters, gradients, master weights and the optimiser's moments, in MiB; 0 for inference.",
  })
  trainingMiB!: number;

  @Field(() => Int, { description: 'What else it takes, in MiB.' })
  overheadMiB!: number;

  @Field(() => Int, { description: 'All of it on one GPU, in MiB.' })
  totalMiB!: number;

  @Field(() => [String], { description: 'What the numbers rest on, in sentences.' })
  assumptions!: string[];

  @Field(() => [VramFit], {
    description: 'The models of GPU that can hold it, in groups of at most 8; the fewest GPUs first.',
  })
  fits!: VramFit[];
}
