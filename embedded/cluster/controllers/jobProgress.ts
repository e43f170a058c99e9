import { isFinished } from './podControl.js';
import type { Job, Pod } from '../../../platform/kubernetes/kinds.js';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** How a job ends, as the conditions that say so, in the order in which they are set. */
export type Verdict = { isSuccess: boolean; conditions: { type: string; reason: string; message: string }[] };

/** `null` while the job goes on. */
export function verdict(job: Job, pods: readonly Pod[], nowMs: number): Verdict | null {
  const { completions, parallelism = 1, backoffLimit = 6, activeDeadlineSeconds } = job.spec ?? {};
  const failed = pods.filter(({ status }) => status?.phase === 'Failed').length;
  if (failed > backoffLimit)
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const startMs = Date.parse(job.status?.startTime ?? '');
  if (activeDeadlineSeconds !== undefined && nowMs >= startMs + activeDeadlineSeconds * 1000) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded');
  const done =
    job.spec?.completionMode === 'Indexed' ? new Set(succeeded.map(indexOf)).size : succeeded.length;
  const isDone = completions === undefined ? done > 0 && pods.every(isFinished) : done >= completions;
  return isDone && parallelism >= 0 ? success : null;
}

const success: Verdict = {
  isSuccess: true,
  conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({
    type,
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  })),
};

const failure = (reason: string, message: string): Verdict => ({
  isSuccess: false,
  conditions: ['FailureTarget', 'Failed'].map((type) => ({ type, reason, message })),
});

/** The indexes that no pod has finished or is at work on, lowest first. */
export function freeIndexes(job: Job, pods: readonly Pod[]): number[] {
  const taken = new Set(pods.filter(({ status }) => status?.phase !== 'Failed').map(indexOf));
  return Array.from({ length: job.spec?.completions ?? 0 }, (_, index) => index).filter(
    (index) => !taken.has(index),
  );
}

/** `0-2,5`, as Kubernetes writes a set of indexes. */
export function completedIndexes(pods: readonly Pod[]): string {
  const done = [...new Set(pods.filter(({ status }) => status?.phase === 'Succeeded').map(indexOf))].sort(
    (a, b) => a - b,
  );
  const runs: { from: number; to: number }[] = [];
  for (const index of done) {
    const last = runs.at(-1);
    if (last && last.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs
    .map(({ from, to }) => (from === to ? `${from}` : `${from}${to === from + 1 ? ',' : '-'}${to}`))
    .join(',');
}

const indexOf = ({ metadata }: Pod) => Number(metadata.annotations?.[INDEX] ?? -1);
