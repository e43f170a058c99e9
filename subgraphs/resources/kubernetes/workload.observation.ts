import { type Job, jobs as jobKind, type KubeObject, type Pod } from '../../../platform/kubernetes/kinds.js';
import type { WorkloadObservation } from '../workload/workload.observe.js';
import type { DesiredWorkload } from './desired.js';
import { allStarted, type Ending, endingOf, type NodesHealth } from './jobEnding.js';
import { startFailureOf } from './podStart.js';
import {
  type DesiredDeployment,
  type DesiredJob,
  deploymentNames,
  isAsleep,
  jobName,
  podsOf,
} from './workload.manifests.js';
import { keyOf, listPods, type Seen, type WorkloadMirrors, workloadOf } from './workload.mirrors.js';

/** How the worst of some nodes is, by their names. */
export type HealthOfNodes = (names: readonly string[]) => NodesHealth;

/** What the cluster shows of a job that is not known yet, in the order in which it became true. */
export async function observationsOfJob(
  workload: DesiredJob,
  around: { mirrors: WorkloadMirrors; healthOfNodes: HealthOfNodes },
  seen: Seen,
): Promise<WorkloadObservation[]> {
  const job = seen.jobs.get(keyOf(workload, jobName(workload)));
  if (!workload.created && (!job || isAsleep(job))) return [];
  const pods = seen.pods.get(workload.id) ?? [];
  const ending = await endingOfJob(workload, around, { job: job ?? null, pods });
  const news: WorkloadObservation[] = [];
  if (job && !workload.created) news.push({ type: 'created', uid: job.metadata.uid });
  if (job && !workload.ran && allStarted(job, pods, podsOf(workload))) news.push({ type: 'running' });
  if (ending) news.push({ type: 'ended', ...ending });
  return news;
}

type JobObjects = { job: Job | null; pods: readonly Pod[] };

/** The copies of jobs and of pods are not of one moment: what they seem to show is looked at again before it is told. */
async function endingOfJob(
  workload: DesiredJob,
  { mirrors, healthOfNodes }: { mirrors: WorkloadMirrors; healthOfNodes: HealthOfNodes },
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

/** What the cluster shows of a deployment that is not known yet. */
export function observationsOfDeployment(workload: DesiredDeployment, seen: Seen): WorkloadObservation[] {
  const held = deploymentNames(workload).flatMap((name) => seen.deployments.get(keyOf(workload, name)) ?? []);
  const [first] = held;
  if (!first) return [];
  const desired = podsOf(workload);
  const ready = held.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
  const known = workload.replicas?.desired === desired && workload.replicas.ready === ready;
  const failure = workload.ran ? null : startFailureOf(first, seen.pods.get(workload.id) ?? [], new Date());
  const news: WorkloadObservation[] = [];
  if (!workload.created) news.push({ type: 'created', uid: first.metadata.uid });
  if (!known) news.push({ type: 'replicas', desired, ready });
  if (failure) news.push({ type: 'ended', ...failure });
  return news;
}

/** Devices are given back when the cluster itself says that nothing of the workload is left. */
export async function isGone(
  workload: DesiredWorkload,
  mirrors: WorkloadMirrors,
  seen: Seen,
): Promise<boolean> {
  const isOwn = (object: KubeObject) => workloadOf(object) === workload.id;
  const objects = [seen.jobs, seen.deployments, seen.services].flatMap((held) => [...held.values()]);
  if (objects.some(isOwn) || seen.pods.has(workload.id)) return false;
  return (await listPods(workload, mirrors)).length === 0;
}
