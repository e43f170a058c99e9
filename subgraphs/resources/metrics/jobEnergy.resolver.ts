import { Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { seesContents } from '../instance/instance.access.js';
import { JobStub } from './gpuMetrics.type.js';

@Resolver(() => JobStub)
export class JobEnergyResolver {
  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Energy that its GPUs used while it had them, in kWh, as far as their power was measured; null if nothing was, or if you may not see into its project.',
  })
  async energyKwh(@Root() { id }: JobStub, @Ctx() { principal, loaders }: Context): Promise<number | null> {
    const job = await loaders.knownJob.load(id);
    if (!job || !seesContents(principal, job.projectId)) return null;
    return (await loaders.energyOfJob.load(id))?.energyKwh ?? null;
  }
}
