import type { Pod } from '../../../platform/kubernetes/kinds.js';
import { LABELS } from '../kubernetes/names.js';
import { hasEnded, hasStarted } from './podFollower.js';

/** A pod of a job's attempt. `podUid` tells it from those that come after it under its name. */
export type JobPod = {
  readonly jobId: string;
  readonly attempt: number;
  /** Which pod of the attempt, from 0. */
  readonly pod: number;
  readonly podUid: string;
  readonly ref: { readonly namespace: string; readonly name: string };
  /** Whether there is a log to read. */
  readonly hasLog: boolean;
  /** Whether there may be one: it has not ended without having begun. */
  readonly mayHaveLog: boolean;
  /** Whether nothing more will be printed. */
  readonly isOver: boolean;
};

/** Where Kubernetes writes which pod of an indexed Job it is. */
const INDEX = 'batch.kubernetes.io/job-completion-index';

/** Null for a pod that says of no job that it is its. */
export function jobPodOf(pod: Pod): JobPod | null {
  const { labels = {}, annotations = {}, name, namespace = '', uid } = pod.metadata;
  const jobId = labels[LABELS.job];
  const attempt = Number(labels[LABELS.attempt]);
  if (!jobId || !Number.isSafeInteger(attempt)) return null;
  const hasLog = hasStarted(pod);
  const hasFinished = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return {
    jobId,
    attempt,
    pod: Number(annotations[INDEX] ?? labels[INDEX] ?? 0),
    podUid: uid,
    ref: { namespace, name },
    hasLog,
    mayHaveLog: hasLog || !hasFinished,
    isOver: hasEnded(pod),
  };
}

/** Of each job the pods of its first attempt that is not read to the end: attempts are read one after the other. */
export function podsToRead(pods: readonly JobPod[], isRead: (podUid: string) => boolean): JobPod[] {
  const left = pods.filter(({ podUid, mayHaveLog }) => mayHaveLog && !isRead(podUid));
  const attempts = new Map<string, number>();
  for (const { jobId, attempt } of left)
    attempts.set(jobId, Math.min(attempt, attempts.get(jobId) ?? Infinity));
  return left.filter(({ jobId, attempt, hasLog }) => hasLog && attempts.get(jobId) === attempt);
}
