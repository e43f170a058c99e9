import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Plan } from '../../../contracts/plan.js';
import type { Context } from '../context.js';
import { checkMaySubmit } from './job.access.js';
import { JobRequestInput } from './job.inputs.js';
import { readJobRequest } from './job.request.js';
import { JobPlan } from './jobPlan.type.js';

@Resolver()
export class JobPlanResolver {
  @Query(() => JobPlan, {
    description: 'What a job would get and cost now, and what it would wait for.',
  })
  async planJob(
    @Arg('input', () => JobRequestInput, { description: 'The job.' }) input: JobRequestInput,
    @Ctx() { principal, planJob }: Context,
  ): Promise<JobPlan> {
    const wish = readJobRequest(input, ['input']);
    checkMaySubmit(principal, wish.projectId);
    return toJobPlan((await planJob(wish)).plan);
  }
}

const toJobPlan = (plan: Plan): JobPlan => ({
  ...plan,
  offers: plan.offers.map((offer) => ({ ...offer, gpuModel: { id: offer.gpuModelId } })),
  quotaEffect: plan.quotaEffect.map((effect) => ({ ...effect, gpuModel: { id: effect.gpuModelId } })),
  blockers: plan.blockers.map((blocker) => ({ ...blocker, ref: null })),
  estimate: plan.estimate && { ...plan.estimate, total: plan.estimate.total ?? plan.estimate.perHour },
});
