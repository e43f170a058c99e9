import { ClusterError } from '../../../platform/kubernetes/clusterError.js';
import type { KubeObject, Pod } from '../../../platform/kubernetes/kinds.js';
import type { Term } from '../../../platform/kubernetes/term.js';
import type { ObserveWorkload } from '../workload/workload.observer.js';
import type { DesiredState, DesiredWorkload } from './desired.js';
import { eachAlone } from './eachAlone.js';
import { ensure, remove } from './ensure.js';
import type { GpuResource } from './node.devices.js';
import {
  type DesiredDeployment,
  type DesiredJob,
  deploymentsOf,
  isAsleep,
  jobName,
  jobOf,
  serviceOf,
} from './workload.manifests.js';
import { keyOf, type Seen, snapshotsOf, type WorkloadMirrors, workloadOf } from './workload.mirrors.js';
import {
  type HealthOfNodes,
  isGone,
  observationsOfDeployment,
  observationsOfJob,
} from './workload.observation.js';

type Pass = {
  desired: Pick<DesiredState, 'workloads' | 'cleared'>;
  mirrors: WorkloadMirrors;
  healthOfNodes: HealthOfNodes;
  observe: ObserveWorkload;
  /** Whether the logs of these pods, by their uids, are kept to their ends. */
  logsAreKept: (podUids: readonly string[]) => Promise<boolean>;
  gpuResource: GpuResource;
  term: Term;
};

/**
 * One pass: makes the cluster hold what each workload needs, deletes what is left of those that ended, and tells what it
 * saw of each that is new. It does nothing as long as any copy is incomplete or older than our own last write. True if it left
 * something for another pass soon, whether or not anything changes until then.
 */
export async function reconcileWorkloads(pass: Pass): Promise<boolean> {
  const seen = snapshotsOf(pass.mirrors);
  if (!seen) return false;
  const workloads = await pass.desired.workloads();
  const wanted = workloads.filter(({ presence }) => presence === 'RUNNING');
  const gone = workloads.filter(({ presence }) => presence === 'GONE');
  const lingering = await lingeringOf(gone, pass, seen);
  const steps = [
    () => eachAlone(wanted, (workload) => realise(workload, pass, seen)),
    () => removeLeftovers(workloads, lingering, pass, seen),
    () => eachAlone(wanted, (workload) => tell(workload, pass, seen)),
    () => eachAlone(gone, (workload) => tellGone(workload, pass, seen)),
  ];
  await eachAlone(steps, (step) => step());
  return lingering.size > 0;
}

/** How long the pods of a job that ended are kept at most until their logs are. */
const LINGER_MS = 15_000;

/** Jobs that have ended and whose pods are left for whoever reads their logs. */
async function lingeringOf(
  gone: readonly DesiredWorkload[],
  { logsAreKept }: Pass,
  seen: Seen,
): Promise<ReadonlySet<string>> {
  const lingering = new Set<string>();
  for (const { id, kind, endedAt } of gone) {
    if (kind !== 'JOB' || endedAt === null || Date.now() - Date.parse(endedAt) > LINGER_MS) continue;
    const ended = (seen.pods.get(id) ?? []).filter(hasPrinted).map(({ metadata }) => metadata.uid);
    if (ended.length > 0 && !(await logsAreKept(ended))) lingering.add(id);
  }
  return lingering;
}

/** A container of it ran, and ended: its log goes with it. */
const hasPrinted = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.containerStatuses?.some(({ state }) => state?.terminated !== undefined) ?? false);

async function realise(workload: DesiredWorkload, pass: Pass, seen: Seen): Promise<void> {
  try {
    if (workload.kind === 'JOB') await createJob(workload, pass, seen);
    else await ensureDeployment(workload, pass, seen);
  } catch (error) {
    if (workload.created || !isInvalid(error)) throw error;
    await pass.observe(workload.id, [
      { type: 'ended', reason: 'POD_REJECTED', exitCode: null, message: error.message },
    ]);
  }
}

/** A Job is made once: what the cluster has had and has no more was taken away. */
async function createJob(
  workload: DesiredJob,
  { mirrors, gpuResource, term }: Pass,
  seen: Seen,
): Promise<void> {
  const job = seen.jobs.get(keyOf(workload, jobName(workload)));
  if (workload.created || (job && !isAsleep(job))) return;
  await ensure(mirrors.jobs, seen.jobs, jobOf(workload, gpuResource), term);
}

async function ensureDeployment(
  workload: DesiredDeployment,
  { mirrors: { deployments, services }, gpuResource, term }: Pass,
  seen: Seen,
): Promise<void> {
  for (const intent of deploymentsOf(workload, gpuResource))
    await ensure(deployments, seen.deployments, intent, term);
  await ensure(services, seen.services, serviceOf(workload), term);
}

/** The API will never take it as it is. */
const isInvalid = (error: unknown): error is ClusterError =>
  error instanceof ClusterError && (error.status === 400 || error.status === 422);

/** Deletes the objects of ended workloads. What no read model knows is left alone: it may be another installation's. */
async function removeLeftovers(
  workloads: readonly DesiredWorkload[],
  lingering: ReadonlySet<string>,
  { desired, mirrors }: Pass,
  seen: Seen,
): Promise<void> {
  const known = new Map(workloads.map(({ id, presence }) => [id, presence]));
  const held = [seen.jobs, seen.deployments, seen.services].flatMap((objects) => [...objects.values()]);
  const strangers = [...new Set(held.map(workloadOf))].filter((id) => id !== null && !known.has(id));
  const over = strangers.length > 0 ? await desired.cleared(strangers as string[]) : new Set<string>();
  const isOver = (object: KubeObject) => {
    const id = workloadOf(object) ?? '';
    return (known.get(id) === 'GONE' && !lingering.has(id)) || over.has(id);
  };
  await eachAlone([...seen.jobs.values()].filter(isOver), (job) => remove(mirrors.jobs, job));
  await eachAlone([...seen.deployments.values()].filter(isOver), (deployment) =>
    remove(mirrors.deployments, deployment),
  );
  await eachAlone([...seen.services.values()].filter(isOver), (service) => remove(mirrors.services, service));
}

async function tell(workload: DesiredWorkload, pass: Pass, seen: Seen): Promise<void> {
  const news =
    workload.kind === 'JOB'
      ? await observationsOfJob(workload, pass, seen)
      : observationsOfDeployment(workload, seen);
  if (news.length > 0) await pass.observe(workload.id, news);
}

async function tellGone(workload: DesiredWorkload, { mirrors, observe }: Pass, seen: Seen): Promise<void> {
  if (await isGone(workload, mirrors, seen)) await observe(workload.id, [{ type: 'gone' }]);
}
