import { IsOptional, Max, Min } from 'class-validator';
import { Field, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: "What decides how much memory a model's cache of keys and values takes." })
export class ModelArchitecture {
  @Field(() => Int, { description: 'Layers.' })
  layers!: number;

  @Field(() => Int, { description: 'Heads of keys and values in each layer.' })
  kvHeads!: number;

  @Field(() => Int, { description: 'Numbers in each head.' })
  headDim!: number;

  @Field(() => Int, { nullable: true, description: 'Experts; null for a model that has none.' })
  experts!: number | null;
}

@InputType({ description: "What decides how much memory a model's cache of keys and values takes." })
export class ModelArchitectureInput {
  @Field(() => Int, { description: 'Layers, 1 to 10,000.' })
  @Min(1)
  @Max(10_000)
  layers!: number;

  @Field(() => Int, { description: 'Heads of keys and values in each layer, 1 to 10,000.' })
  @Min(1)
  @Max(10_000)
  kvHeads!: number;

  @Field(() => Int, { description: 'Numbers in each head, 1 to 10,000.' })
  @Min(1)
  @Max(10_000)
  headDim!: number;

  @Field(() => Int, { nullable: true, description: 'Experts, for a mixture of experts: 1 to 10,000.' })
  @IsOptional()
  @Min(1)
  @Max(10_000)
  experts?: number | null;
}

export const toArchitecture = ({ layers, kvHeads, headDim, experts }: ModelArchitectureInput) => ({
  layers,
  kvHeads,
  headDim,
  experts: experts ?? null,
});
