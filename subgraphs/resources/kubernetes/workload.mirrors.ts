import {
  type Deployment,
  type Job,
  type KubeObject,
  type Pod,
  pods as podKind,
  type Service,
} from '../../../platform/kubernetes/kinds.js';
import type { DesiredWorkload } from './desired.js';
import type { Mirror } from './ensure.js';
import { LABELS } from './names.js';

export type WorkloadMirrors = {
  jobs: Mirror<Job>;
  deployments: Mirror<Deployment>;
  services: Mirror<Service>;
  pods: Mirror<Pod>;
};

/** What the copies show, by `namespace/name`; the pods by their workload. */
export type Seen = {
  jobs: ReadonlyMap<string, Job>;
  deployments: ReadonlyMap<string, Deployment>;
  services: ReadonlyMap<string, Service>;
  pods: ReadonlyMap<string, readonly Pod[]>;
};

/** Null as long as any copy is incomplete or older than our own last write. */
export function snapshotsOf({ jobs, deployments, services, pods }: WorkloadMirrors): Seen | null {
  const held = [jobs.cache.snapshot(), deployments.cache.snapshot(), services.cache.snapshot()] as const;
  const running = pods.cache.snapshot();
  const [heldJobs, heldDeployments, heldServices] = held;
  if (!heldJobs || !heldDeployments || !heldServices || !running) return null;
  return {
    jobs: heldJobs.objects,
    deployments: heldDeployments.objects,
    services: heldServices.objects,
    pods: groupByWorkload(running.objects.values()),
  };
}

function groupByWorkload(pods: Iterable<Pod>): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const id = workloadOf(pod) ?? '';
    groups.set(id, [...(groups.get(id) ?? []), pod]);
  }
  return groups;
}

/** The pods of a workload as the cluster has them now. */
export const listPods = async (
  { id, projectKey }: DesiredWorkload,
  { pods }: WorkloadMirrors,
): Promise<Pod[]> =>
  (
    await pods.cluster.list(podKind, {
      namespace: projectKey,
      labelSelector: `${LABELS.workload}=${id}`,
    })
  ).items;

export const keyOf = ({ projectKey }: DesiredWorkload, name: string): string => `${projectKey}/${name}`;

/** The id of the workload that an object belongs to. */
export const workloadOf = ({ metadata }: KubeObject): string | null =>
  metadata.labels?.[LABELS.workload] ?? null;
