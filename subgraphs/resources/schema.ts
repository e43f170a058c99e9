import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { PlanResolver } from './admission/plan.resolver.js';
import { AllocationResolver } from './allocation/allocation.resolver.js';
import { visibleAllocation } from './allocation/visibleAllocation.js';
import { ClusterResolver, visibleCluster } from './cluster/cluster.resolver.js';
import type { Context } from './context.js';
import { GpuResolver, visibleGpu } from './gpu/gpu.resolver.js';
import { gpuModel, GpuModelResolver } from './gpuModel/gpuModel.resolver.js';
import { GpuMetricsResolver } from './metrics/gpuMetrics.resolver.js';
import { JobEnergyResolver } from './metrics/jobEnergy.resolver.js';
import { InstanceResolver } from './instance/instance.resolver.js';
import { InstanceEventsResolver } from './instance/instanceEvents.resolver.js';
import { visibleInstance } from './instance/visibleInstance.js';
import { JobLogsResolver } from './logs/jobLogs.resolver.js';
import { NodeResolver, visibleNode } from './node/node.resolver.js';
import { ProjectResolver } from './project/project.resolver.js';
import { QuotaResolver } from './quota/quota.resolver.js';
import { QuotaStub } from './quota/quota.type.js';

type Reference = { id: string };

/** Resources' part of the graph. Needs neither database nor cluster: the SDL that is checked in comes from here. */
export const buildResourcesSchema = () =>
  buildSubgraph({
    resolvers: [
      AllocationResolver,
      ClusterResolver,
      GpuMetricsResolver,
      GpuModelResolver,
      GpuResolver,
      InstanceEventsResolver,
      InstanceResolver,
      JobEnergyResolver,
      JobLogsResolver,
      NodeResolver,
      PlanResolver,
      ProjectResolver,
      QuotaResolver,
      deadLetterResolver('resources', 'fleet:operate' satisfies Permission),
    ],
    // No field of resources leads to it.
    orphanedTypes: [QuotaStub],
    references: {
      Allocation: ({ id }: Reference, context: Context) => visibleAllocation(id, context),
      Cluster: ({ id }: Reference, context: Context) => visibleCluster(id, context),
      Gpu: ({ id }: Reference, context: Context) => visibleGpu(id, context),
      GpuModel: ({ id }: Reference) => gpuModel(id),
      Instance: ({ id }: Reference, context: Context) => visibleInstance(id, context),
      Node: ({ id }: Reference, context: Context) => visibleNode(id, context),
      // What a stub's fields show is decided field by field.
      Job: ({ id }: Reference) => ({ id }),
      Project: ({ id }: Reference) => ({ id }),
      Quota: ({ id }: Reference) => ({ id }),
    },
  });
