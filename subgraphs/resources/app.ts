import type { BillingCalls, ResourcesCalls } from '../../contracts/calls.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';
import type { Leader } from '../../platform/kubernetes/leader.port.js';
import type { KafkaOptions } from '../../platform/log/kafkaConfig.js';
import { createKafkaSamples } from '../../platform/log/kafkaSamples.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createAdmission } from './admission/admission.gate.js';
import { commandsOfTerm } from './cluster/commandsOfTerm.js';
import { createContext } from './context.js';
import { createDesiredState } from './instance/desired.repository.js';
import { createInstanceApprovals } from './instance/instance.approvals.js';
import { createInstanceCommands } from './instance/instance.commands.js';
import { createObserve } from './instance/instance.observer.js';
import { createWatchdog, DEADLINE_TIMER } from './instance/watchdog.js';
import type { DesiredState, Observe } from './kubernetes/desired.js';
import type { Reports } from './kubernetes/reports.js';
import { driveCluster, type OpenMetricsStream } from './driveCluster.js';
import { createLogRepository } from './logs/log.repository.js';
import { createLogs } from './logs/logs.js';
import { LOG_RETENTION_MS } from './logs/retention.js';
import { createMetricHistory } from './metrics/history.repository.js';
import { createLatestMetrics } from './metrics/latestMetrics.js';
import { GPU_METRICS_TOPIC } from './metrics/metricsTopic.js';
import { createOccupancy } from './metrics/occupancy.js';
import { createNodeRecorder, type NodeRecorder } from './node/node.recorder.js';
import { projections } from './readModels.js';
import { createRepositories } from './repositories.js';
import { buildResourcesSchema } from './schema.js';
import { createPlanDeployment } from './workload/deployment.plan.js';
import { createDeploymentWorkloads } from './workload/deploymentWorkloads.js';
import { createJobWorkloads } from './workload/jobWorkloads.js';
import { createWorkloadAdmission } from './workload/workload.admission.js';
import { createEndWorkloads } from './workload/workload.ending.js';
import { createObserveWorkload, type ObserveWorkload } from './workload/workload.observer.js';
import { createWorkloadWatchdog, WORKLOAD_TIMER } from './workload/workload.watchdog.js';

export interface Resources extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  /** What the cluster should hold, for reconcilers. */
  readonly desired: DesiredState;
  /** What reconcilers see of an instance's pod. */
  readonly observe: Observe;
  /** What reconcilers see of a job's or a deployment's objects. */
  readonly observeWorkload: ObserveWorkload;
  /** What resources offer to other contexts. */
  readonly calls: ResourcesCalls;
  /** What reconcilers see of the cluster and its nodes. */
  readonly nodes: NodeRecorder;
  start(): Promise<void>;
  /** Starts the reconcilers of the cluster. They act only as long as `leader` leads, and stop when disposed. */
  drive(options: {
    cluster: Cluster;
    leader: Leader;
    onError: (error: unknown) => void;
  }): Promise<AsyncDisposable>;
}

/** Wires resources by hand. Read this to see every dependency that it has. */
export async function createResources(deps: {
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
  billing: BillingCalls;
  clusterId: string;
  /** How long logs are kept. Default 7 days. */
  logRetentionMs?: number;
  /** Where metrics are told to other processes. Default: nowhere. */
  kafka?: KafkaOptions | null;
}): Promise<Resources> {
  const { database, tails, billing, clusterId, logRetentionMs = LOG_RETENTION_MS, kafka } = deps;
  const spine = await createSpine({ context: 'resources', upcasters: UPCASTERS.resources, ...deps });
  const { commands, store, log } = spine;
  const repositories = createRepositories(database);
  const admission = createAdmission({ database, billing });
  const instanceCommands = createInstanceCommands({ commands, admission, instances: repositories.instances });
  const desired = createDesiredState(database, clusterId);
  const observe = createObserve({ database, commands, store });
  const { workloads } = repositories;
  const workloadAdmission = createWorkloadAdmission({ commands, admission, workloads });
  const endWorkloads = createEndWorkloads({ commands, workloads });
  const observeWorkload = createObserveWorkload({ workloads, commands, store });
  const cluster = { id: clusterId, provider: 'kubernetes', region: null };
  const nodes = createNodeRecorder({ database, commands }, cluster);
  const reportsOf = (term: number): Reports => {
    const ofTerm = { database, store, workloads, commands: commandsOfTerm(commands, clusterId, term) };
    const recorder = createNodeRecorder(ofTerm, cluster);
    return {
      lead: () => recorder.recordLead(term),
      observe: createObserve(ofTerm),
      observeWorkload: createObserveWorkload(ofTerm),
      recordNodes: recorder.recordNodes,
      recordCluster: recorder.recordCluster,
      restored: recorder.recordRestored,
    };
  };
  const occupancy = createOccupancy({
    allocations: repositories.allocations,
    tails,
    onError: (error) => log.error({ error }, 'allocations cannot be followed'),
  });
  const metrics = {
    latest: createLatestMetrics(),
    history: createMetricHistory(database.prisma),
    occupancy,
  };
  const tellMetrics: OpenMetricsStream | null = kafka
    ? (receive) => createKafkaSamples({ kafka, topic: GPU_METRICS_TOPIC, name: 'resources', receive, log })
    : null;
  const logs = createLogs({
    store: createLogRepository(database.prisma),
    keptMs: logRetentionMs,
    onError: (error) => log.error({ error }, 'logs cannot be read'),
  });
  const { schema } = await buildResourcesSchema();
  const subgraph = await createSubgraph({
    name: 'resources',
    schema,
    log,
    createContext: async (call) => {
      await spine.catchUp(call.positions);
      return createContext(call, { spine, system: repositories, admission, instanceCommands, metrics, logs });
    },
  });

  return {
    spine,
    subgraph,
    desired,
    observe,
    observeWorkload,
    calls: { planDeployment: createPlanDeployment(admission) },
    nodes,
    start: () =>
      spine.start({
        projections,
        processManagers: [
          createInstanceApprovals({ commands, admission, instances: repositories.instances }),
          createJobWorkloads({ admission: workloadAdmission, end: endWorkloads }),
          createDeploymentWorkloads({ admission: workloadAdmission, end: endWorkloads }),
        ],
        timers: {
          [DEADLINE_TIMER]: createWatchdog({ commands, store }),
          [WORKLOAD_TIMER]: createWorkloadWatchdog({ commands, store }),
        },
      }),
    drive: (options) =>
      driveCluster({ ...options, clusterId, desired, reportsOf, nodes, tails, metrics, logs, tellMetrics }),
    async [Symbol.asyncDispose]() {
      await occupancy[Symbol.asyncDispose]();
      await logs[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
      await subgraph[Symbol.asyncDispose]();
    },
  };
}
