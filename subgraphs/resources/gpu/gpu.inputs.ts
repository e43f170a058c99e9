import { ArrayMaxSize, IsOptional } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { GpuHealth } from './gpu.type.js';

@InputType({ description: 'Which GPUs to list. What is left out does not matter.' })
export class GpuFilter {
  @Field(() => [ID], { nullable: true, description: 'Only these models, by catalogue id.' })
  @IsOptional()
  @ArrayMaxSize(100)
  modelIn?: string[] | null;

  @Field(() => GpuHealth, { nullable: true, description: 'Only those whose health is this.' })
  health?: keyof typeof GpuHealth | null;

  @Field(() => ID, { nullable: true, description: 'Only those of this cluster.' })
  clusterId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only those that somebody has, or that nobody has.' })
  occupied?: boolean | null;
}
