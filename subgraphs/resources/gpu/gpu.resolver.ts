import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { type Connection, connectionOf, paginate } from '../../../platform/graphql/connection.js';
import type { AllocationState } from '../allocation/allocation.js';
import { Allocation, toAllocation } from '../allocation/allocation.type.js';
import { visibleAllocations } from '../allocation/visibleAllocation.js';
import type { Context } from '../context.js';
import { gpuModel } from '../gpuModel/gpuModel.resolver.js';
import { GpuModel } from '../gpuModel/gpuModel.type.js';
import { seesContents } from '../instance/instance.access.js';
import { GpuMetrics, toGpuMetrics } from '../metrics/gpuMetrics.type.js';
import { Node, toNode } from '../node/node.type.js';
import { seesFleet } from './gpu.access.js';
import { GpuFilter } from './gpu.inputs.js';
import { Gpu, GpuOccupant } from './gpu.type.js';

const GpuConnection = connectionOf(Gpu, 'Gpu');

export async function visibleGpu(id: string, { principal, loaders }: Context): Promise<Gpu | null> {
  return seesFleet(principal) ? loaders.gpu.load(id) : null;
}

async function nameOf({ kind, id }: AllocationState['owner'], { loaders }: Context): Promise<string | null> {
  if (kind === 'INSTANCE') return (await loaders.instance.load(id))?.state.name ?? null;
  return (await loaders.workloadName.load(id))?.name ?? null;
}

@Resolver(() => Gpu)
export class GpuResolver {
  @Query(() => Gpu, {
    nullable: true,
    description: 'A GPU by its id; null if there is none that you may see.',
  })
  gpu(
    @Arg('id', () => ID, { description: 'Its id, for example `eu-1/h100-1/0`.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Gpu | null> {
    return visibleGpu(id, context);
  }

  @Query(() => GpuConnection, { description: 'The GPUs of the fleet, by node and index.' })
  gpus(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Where the page before ended.' })
    after: string | null,
    @Arg('filter', () => GpuFilter, { nullable: true, description: 'Which; all without it.' })
    filter: GpuFilter | null,
    @Ctx() { principal, repositories: { fleet } }: Context,
  ): Promise<Connection<Gpu>> {
    const sees = seesFleet(principal);
    return paginate(
      { first, after },
      {
        read: async (page) => (sees ? fleet.gpuPage(filter ?? {}, page) : []),
        key: ({ id }) => id,
        toNode: (gpu) => gpu,
        count: async () => (sees ? fleet.gpuCount(filter ?? {}) : 0),
      },
    );
  }

  @FieldResolver(() => GpuModel, { description: 'What kind of GPU it is.' })
  model(@Root() { gpuModelId }: Gpu): GpuModel | null {
    return gpuModel(gpuModelId);
  }

  @FieldResolver(() => Node, { description: 'The node that has it.' })
  async node(@Root() { nodeId }: Gpu, @Ctx() { loaders }: Context): Promise<Node | null> {
    const node = await loaders.node.load(nodeId);
    return node && toNode(node);
  }

  @FieldResolver(() => GpuOccupant, { nullable: true, description: 'Who has it now; null if it is free.' })
  async occupant(@Root() { id }: Gpu, @Ctx() context: Context): Promise<GpuOccupant | null> {
    const allocation = await context.loaders.openAllocationOfGpu.load(id);
    if (!allocation) return null;
    const { owner, projectId } = allocation.state;
    if (!seesContents(context.principal, projectId))
      return { kind: owner.kind, redacted: true, id: null, name: null };
    return { kind: owner.kind, redacted: false, id: owner.id, name: await nameOf(owner, context) };
  }

  @FieldResolver(() => [Allocation], {
    description: 'Who had it when, newest first, at most 100; only what is in projects that you see into.',
  })
  async allocations(@Root() { id }: Gpu, @Ctx() context: Context): Promise<Allocation[]> {
    return visibleAllocations(await context.loaders.allocationsOfGpu.load(id), context).map(toAllocation);
  }

  @FieldResolver(() => GpuMetrics, {
    nullable: true,
    description: 'What was measured last; null if nothing measured it within two minutes.',
  })
  metrics(@Root() { id }: Gpu, @Ctx() { metrics: { latest } }: Context): GpuMetrics | null {
    const measured = latest.of(id);
    return measured && toGpuMetrics(measured.atMs, measured.reading);
  }
}
