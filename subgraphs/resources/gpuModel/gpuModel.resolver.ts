import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { findGpuModel, gpuCatalogue } from '../../../contracts/gpuCatalogue.js';
import type { GpuModelFacts } from '../../../contracts/gpuModel.js';
import type { Context } from '../context.js';
import { seesFleet } from '../gpu/gpu.access.js';
import { GpuModel } from './gpuModel.type.js';

/** The catalogue is no secret. */
export const gpuModel = (id: string): GpuModel | null => {
  const facts = findGpuModel(id);
  return facts && toGpuModel(facts);
};

const toGpuModel = (facts: GpuModelFacts): GpuModel => ({ ...facts, memoryNominalGb: facts.memoryGb });

@Resolver(() => GpuModel)
export class GpuModelResolver {
  @Query(() => [GpuModel], { description: 'Every model of GPU that can be asked for, by architecture.' })
  gpuCatalogue(): GpuModel[] {
    return gpuCatalogue.map(toGpuModel);
  }

  @Query(() => GpuModel, { nullable: true, description: 'A model of GPU by its id; null if there is none.' })
  gpuModel(@Arg('id', () => ID, { description: 'Its id in the catalogue.' }) id: string): GpuModel | null {
    return gpuModel(id);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Devices that could be given now, in the whole fleet; null if you may not see capacity.',
  })
  available(@Root() { id }: GpuModel, @Ctx() { principal, loaders }: Context): Promise<number> | null {
    return seesFleet(principal) ? loaders.freeOfModel.load(id) : null;
  }
}
