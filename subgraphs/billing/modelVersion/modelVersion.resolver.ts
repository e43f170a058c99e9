import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { Cost } from '../cost/cost.type.js';
import { visibleCost } from '../cost/visibleCost.js';
import { ModelVersionStub } from './modelVersion.type.js';

@Resolver(() => ModelVersionStub)
export class ModelVersionResolver {
  @FieldResolver(() => Cost, { nullable: true })
  async trainingCost(@Root() { id }: ModelVersionStub, @Ctx() context: Context): Promise<Cost | null> {
    const jobId = await context.loaders.trainingJob.load(id);
    return jobId === null ? null : visibleCost(jobId, context);
  }
}

export const modelVersionReference = ({ id }: { id: string }): ModelVersionStub => ({ id });
