import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { Job, Pod } from '../../../platform/kubernetes/kinds.js';
import { startFailureOf } from './podStart.js';

export type Ending = { reason: AttemptEndReason; exitCode: number | null; message: string | null };

/** How the worst of its nodes is: can run pods, cannot, or is not there any more. */
export type NodesHealth = 'SOUND' | 'UNSOUND' | 'GONE';

/** What is known of the job besides its objects. */
export type JobFacts = {
  pods: number;
  /** Whether all its pods were seen to run once. */
  ran: boolean;
  nodes: NodesHealth;
  now: Date;
};

/**
 * How a job has ended by what the cluster shows of it; null as long as it goes on. `job` is null if there is none any
 * more. The objects must be of one moment, the pods no newer than the job.
 */
export function endingOf(job: Job | null, pods: readonly Pod[], facts: JobFacts): Ending | null {
  if (!job || job.metadata.deletionTimestamp !== undefined) return lost(facts, 'Its Job was deleted.');
  if (has(job, 'Complete')) return { reason: 'COMPLETED', exitCode: 0, message: null };
  const failure = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failure?.reason === 'DeadlineExceeded')
    return { reason: 'TIME_LIMIT', exitCode: null, message: 'It ran longer than it may.' };
  if (failure) return failureOf(pods) ?? lost(facts, 'Its pods were deleted.');
  if (facts.nodes === 'GONE') return lost(facts, '');
  // It is about to end: the cluster takes its pods away before it says so.
  if (has(job, 'FailureTarget') || has(job, 'SuccessCriteriaMet')) return null;
  if (job.spec?.suspend === true || job.spec?.parallelism !== facts.pods)
    return lost(facts, 'Its Job was changed.');
  if (facts.ran && startedOf(job, pods) < facts.pods)
    return failureOf(pods) ?? lost(facts, 'Its pods were deleted.');
  return facts.ran ? null : startFailureOf(job, pods, facts.now);
}

/** Whether every pod runs, or ran. */
export const allStarted = (job: Job, pods: readonly Pod[], wanted: number): boolean =>
  startedOf(job, pods) >= wanted;

/** Pods that run or ran. Of those that succeeded the cluster may have removed some. */
function startedOf({ status }: Job, pods: readonly Pod[]): number {
  const inPhase = (...phases: string[]) =>
    pods.filter((pod) => phases.includes(pod.status?.phase ?? '') && !isGoing(pod)).length;
  return inPhase('Running', 'Failed') + Math.max(inPhase('Succeeded'), status?.succeeded ?? 0);
}

/** A pod that ended is gone only when it is gone; one that is deleted while it runs does not run any more. */
const isGoing = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && status?.phase === 'Running';

const has = ({ status }: Job, condition: string): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === condition && is === 'True') ?? false;

const lost = ({ nodes }: JobFacts, message: string): Ending =>
  nodes === 'SOUND'
    ? { reason: 'PODS_DELETED', exitCode: null, message }
    : { reason: 'NODE_LOST', exitCode: null, message: 'A node of it was lost.' };

/** Why the cluster itself takes a pod away, by the reasons of its condition `DisruptionTarget`. */
const LOST_WITH_NODE = ['DeletionByTaintManager', 'DeletionByPodGC'];

/** What the kubelet says of a pod whose devices it could not have. */
const WITHOUT_DEVICES = ['UnexpectedAdmissionError', 'OutOfnvidia.com/gpu'];

/** Why the first pod failed; null if none did by itself. */
function failureOf(pods: readonly Pod[]): Ending | null {
  const disruption = pods
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  if (disruption) {
    const reason = LOST_WITH_NODE.includes(disruption.reason ?? '') ? 'NODE_LOST' : 'EVICTED';
    return { reason, exitCode: null, message: disruption.message ?? null };
  }
  const [first] = pods
    .filter(({ metadata, status }) => status?.phase === 'Failed' && !metadata.deletionTimestamp)
    .sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1));
  return first ? podFailureOf(first) : null;
}

function podFailureOf({ status }: Pod): Ending {
  const message = status?.message ?? null;
  if (status?.reason === 'Evicted') return { reason: 'EVICTED', exitCode: null, message };
  const ended = terminationOf(status);
  if (!ended) {
    const hadNone = WITHOUT_DEVICES.includes(status?.reason ?? '');
    return { reason: hadNone ? 'CAPACITY_LOST' : 'POD_REJECTED', exitCode: null, message };
  }
  const { exitCode, reason } = ended;
  if (reason === 'OOMKilled')
    return { reason: 'OUT_OF_MEMORY', exitCode, message: 'It used more memory than it has.' };
  const said = ended.message ?? message ?? `The container ended with exit code ${exitCode}.`;
  return { reason: 'EXIT_CODE', exitCode, message: said };
}

/** The container that failed; if none did, any that ended. */
function terminationOf(status: Pod['status']) {
  const ended = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated ?? []);
  return ended.find(({ exitCode }) => exitCode !== 0) ?? ended[0];
}

const endOf = ({ status }: Pod): string => terminationOf(status)?.finishedAt ?? '';
