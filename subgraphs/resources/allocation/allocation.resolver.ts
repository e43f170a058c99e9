import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { visibleGpu } from '../gpu/gpu.resolver.js';
import { Gpu } from '../gpu/gpu.type.js';
import { gpuModel } from '../gpuModel/gpuModel.resolver.js';
import { GpuModel } from '../gpuModel/gpuModel.type.js';
import { Allocation } from './allocation.type.js';

@Resolver(() => Allocation)
export class AllocationResolver {
  @FieldResolver(() => Gpu, { nullable: true, description: 'The device; null if you may not see the fleet.' })
  gpu(@Root() { gpuId }: Allocation, @Ctx() context: Context): Promise<Gpu | null> {
    return visibleGpu(gpuId, context);
  }

  @FieldResolver(() => GpuModel, { description: 'The model of the device.' })
  gpuModel(@Root() { gpuModelId }: Allocation): GpuModel | null {
    return gpuModel(gpuModelId);
  }

  @FieldResolver(() => [AvailableAction], {
    description: 'Nothing: it begins and ends with what its owner does.',
  })
  availableActions(): AvailableAction[] {
    return [];
  }
}
