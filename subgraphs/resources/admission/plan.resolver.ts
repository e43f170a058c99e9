import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { gpuModel } from '../gpuModel/gpuModel.resolver.js';
import type { GpuModel } from '../gpuModel/gpuModel.type.js';
import { checkMayRequest } from '../instance/instance.access.js';
import { InstanceRequestInput } from '../instance/instance.inputs.js';
import { readInstanceRequest } from '../instance/instance.request.js';
import type { Plan } from '../../../contracts/plan.js';
import { InstancePlan } from './plan.type.js';

@Resolver()
export class PlanResolver {
  @Query(() => InstancePlan, {
    description:
      'What a request for an instance would get and cost now, and what keeps it from being admitted.',
  })
  async planInstance(
    @Arg('input', () => InstanceRequestInput, { description: 'The request.' }) input: InstanceRequestInput,
    @Ctx() { principal, admission }: Context,
  ): Promise<InstancePlan> {
    const request = readInstanceRequest(input, ['input']);
    checkMayRequest(principal, request.projectId);
    const { plan } = await admission.plan(request.projectId, request.spec.gpu, request);
    return toInstancePlan(plan);
  }
}

const toInstancePlan = (plan: Plan): InstancePlan => ({
  ...plan,
  offers: plan.offers.map((offer) => ({ ...offer, gpuModel: known(offer.gpuModelId) })),
  quotaEffect: plan.quotaEffect.map((effect) => ({ ...effect, gpuModel: known(effect.gpuModelId) })),
});

function known(id: string): GpuModel {
  const model = gpuModel(id);
  if (!model) throw new Error(`${id} was planned and is no model of the catalogue`);
  return model;
}
