import { ClusterError } from '../../../platform/kubernetes/clusterError.js';
import {
  type Deployment,
  type Job,
  jobs as jobKind,
  type KubeObject,
  type Pod,
  pods as podKind,
  type Service,
} from '../../../platform/kubernetes/kinds.js';
import type { WorkloadObservation } from '../workload/workload.observe.js';
import type { ObserveWorkload } from '../workload/workload.observer.js';
import type { DesiredState, DesiredWorkload } from './desired.js';
import { eachAlone } from './eachAlone.js';
import { ensure, type Mirror, remove } from './ensure.js';
import { allStarted, type Ending, endingOf, type NodesHealth } from './jobEnding.js';
import { LABELS } from './names.js';
import { startFailureOf } from './podStart.js';
import {
  type DesiredDeployment,
  type DesiredJob,
  deploymentsOf,
  jobName,
  jobOf,
  podsOf,
  serviceOf,
} from './workload.manifests.js';

export type WorkloadMirrors = {
  jobs: Mirror<Job>;
  deployments: Mirror<Deployment>;
  services: Mirror<Service>;
  pods: Mirror<Pod>;
};

/** How the worst of some nodes is, by their names. */
export type HealthOfNodes = (names: readonly string[]) => NodesHealth;

type Pass = {
  desired: Pick<DesiredState, 'workloads' | 'cleared'>;
  mirrors: WorkloadMirrors;
  healthOfNodes: HealthOfNodes;
  observe: ObserveWorkload;
  /** Whether the logs of these pods, by their uids, are kept to their ends. */
  logsAreKept: (podUids: readonly string[]) => Promise<boolean>;
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

type Seen = {
  jobs: ReadonlyMap<string, Job>;
  deployments: ReadonlyMap<string, Deployment>;
  services: ReadonlyMap<string, Service>;
  pods: ReadonlyMap<string, readonly Pod[]>;
};

function snapshotsOf({ jobs, deployments, services, pods }: WorkloadMirrors): Seen | null {
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

async function realise(workload: DesiredWorkload, { mirrors, observe }: Pass, seen: Seen): Promise<void> {
  try {
    if (workload.kind === 'JOB') await createJob(workload, mirrors, seen);
    else await ensureDeployment(workload, mirrors, seen);
  } catch (error) {
    if (workload.created || !isInvalid(error)) throw error;
    await observe(workload.id, [
      { type: 'ended', reason: 'POD_REJECTED', exitCode: null, message: error.message },
    ]);
  }
}

/** A Job is made once: what the cluster has had and has no more was taken away. */
async function createJob(workload: DesiredJob, { jobs }: WorkloadMirrors, seen: Seen): Promise<void> {
  if (workload.created || seen.jobs.has(keyOf(workload, jobName(workload)))) return;
  await ensure(jobs, seen.jobs, jobOf(workload));
}

async function ensureDeployment(
  workload: DesiredDeployment,
  { deployments, services }: WorkloadMirrors,
  seen: Seen,
): Promise<void> {
  for (const intent of deploymentsOf(workload)) await ensure(deployments, seen.deployments, intent);
  await ensure(services, seen.services, serviceOf(workload));
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

const tell = (workload: DesiredWorkload, pass: Pass, seen: Seen): Promise<void> =>
  workload.kind === 'JOB' ? tellJob(workload, pass, seen) : tellDeployment(workload, pass, seen);

async function tellJob(workload: DesiredJob, pass: Pass, seen: Seen): Promise<void> {
  const job = seen.jobs.get(keyOf(workload, jobName(workload)));
  if (!job && !workload.created) return;
  const pods = seen.pods.get(workload.id) ?? [];
  const ending = await endingOfJob(workload, pass, { job: job ?? null, pods });
  const news: WorkloadObservation[] = [];
  if (job && !workload.created) news.push({ type: 'created', uid: job.metadata.uid });
  if (job && !workload.ran && allStarted(job, pods, podsOf(workload))) news.push({ type: 'running' });
  if (ending) news.push({ type: 'ended', ...ending });
  if (news.length > 0) await pass.observe(workload.id, news);
}

type JobObjects = { job: Job | null; pods: readonly Pod[] };

/** The copies of jobs and of pods are not of one moment: what they seem to show is looked at again before it is told. */
async function endingOfJob(
  workload: DesiredJob,
  { mirrors, healthOfNodes }: Pass,
  copies: JobObjects,
): Promise<Ending | null> {
  const facts = {
    pods: podsOf(workload),
    ran: workload.ran,
    nodes: healthOfNodes(workload.shares.map(({ nodeName }) => nodeName)),
    now: new Date(),
  };
  if (endingOf(copies.job, copies.pods, facts) === null) return null;
  const pods = await listPods(workload, mirrors);
  const name = jobName(workload);
  const job = await mirrors.jobs.cluster.get(jobKind, { name, namespace: workload.projectKey });
  return endingOf(job, pods, facts);
}

async function tellDeployment(workload: DesiredDeployment, { observe }: Pass, seen: Seen): Promise<void> {
  const held = deploymentsOf(workload).flatMap(
    ({ metadata }) => seen.deployments.get(keyOf(workload, metadata.name)) ?? [],
  );
  const [first] = held;
  if (!first) return;
  const desired = podsOf(workload);
  const ready = held.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
  const known = workload.replicas?.desired === desired && workload.replicas.ready === ready;
  const failure = workload.ran ? null : startFailureOf(first, seen.pods.get(workload.id) ?? [], new Date());
  const news: WorkloadObservation[] = [];
  if (!workload.created) news.push({ type: 'created', uid: first.metadata.uid });
  if (!known) news.push({ type: 'replicas', desired, ready });
  if (failure) news.push({ type: 'ended', ...failure });
  if (news.length > 0) await observe(workload.id, news);
}

/** Devices are given back when the cluster itself says that nothing of it is left. */
async function tellGone(workload: DesiredWorkload, { mirrors, observe }: Pass, seen: Seen): Promise<void> {
  const isOwn = (object: KubeObject) => workloadOf(object) === workload.id;
  const objects = [seen.jobs, seen.deployments, seen.services].flatMap((held) => [...held.values()]);
  if (objects.some(isOwn) || seen.pods.has(workload.id)) return;
  if ((await listPods(workload, mirrors)).length === 0) await observe(workload.id, [{ type: 'gone' }]);
}

const listPods = async ({ id, projectKey }: DesiredWorkload, { pods }: WorkloadMirrors): Promise<Pod[]> =>
  (
    await pods.cluster.list(podKind, {
      namespace: projectKey,
      labelSelector: `${LABELS.workload}=${id}`,
    })
  ).items;

const keyOf = ({ projectKey }: DesiredWorkload, name: string): string => `${projectKey}/${name}`;

const workloadOf = ({ metadata }: KubeObject): string | null => metadata.labels?.[LABELS.workload] ?? null;
