import { Arg, Ctx, FieldResolver, Float, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../context.js';
import { visibleGpu } from '../gpu/gpu.resolver.js';
import { Gpu } from '../gpu/gpu.type.js';
import { seesContents } from '../instance/instance.access.js';
import { Instance } from '../instance/instance.type.js';
import { visibleInstance } from '../instance/visibleInstance.js';
import { GpuMetricSelector, GpuMetricStep, GpuMetricWindowInput } from './gpuMetrics.inputs.js';
import { GpuMetricSample, JobStub } from './gpuMetrics.type.js';
import { readMetricHistory } from './metricHistory.js';
import { type MetricFeedArgs, openMetricFeed } from './metricFeed.js';

type Subscribed = { args: MetricFeedArgs; context: Context };

@Resolver(() => GpuMetricSample)
export class GpuMetricsResolver {
  @Subscription(() => [GpuMetricSample], {
    subscribe: ({ args, context }: Subscribed) => openMetricFeed(args, context),
    description:
      'What GPUs are measured to do: first as last measured, then in each frame those whose measurements changed. GPUs come and go with what you selected.',
  })
  gpuMetrics(
    @Root() samples: GpuMetricSample[],
    @Arg('selector', () => GpuMetricSelector, { description: 'Which GPUs.' }) _selector: GpuMetricSelector,
    @Arg('maxHz', () => Float, {
      nullable: true,
      description: 'How many frames a second at most: more than 0, at most 10; 1 without it.',
    })
    _maxHz: number | null,
  ): GpuMetricSample[] {
    return samples;
  }

  @Query(() => [GpuMetricSample], {
    description:
      'What GPUs were measured to do, by GPU and time: one item for each step, at its beginning, with the means of what was measured in it; all is null where nothing was. GPUs of a job, an instance or a project are shown for the time that it had them.',
  })
  gpuMetricHistory(
    @Arg('selector', () => GpuMetricSelector, { description: 'Which GPUs.' }) selector: GpuMetricSelector,
    @Arg('window', () => GpuMetricWindowInput, {
      description: 'The span of time; what lies ahead is left out.',
    })
    window: GpuMetricWindowInput,
    @Arg('step', () => GpuMetricStep, { defaultValue: GpuMetricStep.MINUTE, description: 'How fine.' })
    step: keyof typeof GpuMetricStep,
    @Ctx() context: Context,
  ): Promise<GpuMetricSample[]> {
    return readMetricHistory({ selector, window, step }, context);
  }

  @FieldResolver(() => Gpu, {
    nullable: true,
    description: 'The GPU; null if you may not see the fleet.',
  })
  gpu(@Root() { gpuId }: GpuMetricSample, @Ctx() context: Context): Promise<Gpu | null> {
    return visibleGpu(gpuId, context);
  }

  @FieldResolver(() => Instance, {
    nullable: true,
    description: 'The instance that has it; null if none has, or if you may not see into its project.',
  })
  async instance(@Root() { holder }: GpuMetricSample, @Ctx() context: Context): Promise<Instance | null> {
    return holder?.owner.kind === 'INSTANCE' ? visibleInstance(holder.owner.id, context) : null;
  }

  @FieldResolver(() => JobStub, {
    nullable: true,
    description: 'The job that has it; null if none has, or if you may not see into its project.',
  })
  job(@Root() { holder }: GpuMetricSample, @Ctx() { principal }: Context): JobStub | null {
    if (holder?.owner.kind !== 'JOB' || !seesContents(principal, holder.projectId)) return null;
    return { id: holder.owner.id };
  }
}
