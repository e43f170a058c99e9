import { earlier } from './loop.js';
import { jobPod } from './jobPod.js';
import { createPodControl, isFinished, isReady } from './podControl.js';
import { completedIndexes, freeIndexes, verdict } from './jobProgress.js';
import { seconds } from '../api/time.js';
import { withCondition } from '../kubelet/conditions.js';
import { jobs } from '../resources.js';
import type { Controller } from './loop.js';
import type { RecordEvent } from './eventRecorder.js';
import type { Verdict } from './jobProgress.js';
import type { Registry } from '../api/registry.js';
import type { Job, Pod } from '../../../platform/kubernetes/kinds.js';

const manager = 'job-controller';

/** Waits so long after each failure, twice as long after the next. */
const BACKOFF_MIN_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

/** Runs pods until so many of them succeeded, or too many failed, or the time is up. */
export function createJobController(registry: Registry, record: RecordEvent): Controller {
  const podControl = createPodControl(registry, record, manager);
  const nowMs = () => registry.now().getTime();

  /** When the job wants to be looked at again. */
  const reconcileJob = (job: Job): number | null => {
    if (job.metadata.deletionTimestamp) return null;
    const end = finishedAtMs(job);
    if (end !== null) return expire(job, end);
    const owned = podControl.of(job);
    const active = owned.filter((pod) => !isFinished(pod) && !pod.metadata.deletionTimestamp);
    const result = verdict(job, owned, nowMs());
    if (result || job.spec?.suspend) for (const pod of active) podControl.delete(job, pod);
    const retryAtMs = result || job.spec?.suspend ? null : startPods(job, owned, active);
    writeStatus(job, result);
    return earlier(retryAtMs, deadlineMs(job));
  };

  const startPods = (job: Job, owned: readonly Pod[], active: readonly Pod[]): number | null => {
    const failed = owned.filter(({ status }) => status?.phase === 'Failed');
    const retryAtMs = lastEndMs(failed) + Math.min(BACKOFF_MIN_MS * 2 ** (failed.length - 1), BACKOFF_MAX_MS);
    if (failed.length > 0 && retryAtMs > nowMs()) return retryAtMs;
    const { parallelism = 1, completions } = job.spec ?? {};
    const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded').length;
    const room = Math.min(parallelism, (completions ?? parallelism) - succeeded) - active.length;
    const indexes = job.spec?.completionMode === 'Indexed' ? freeIndexes(job, owned) : null;
    for (let count = 0; count < room; count += 1) {
      if (!podControl.create(job, jobPod(job, indexes?.[count] ?? null))) break;
    }
    return null;
  };

  const expire = (job: Job, endMs: number): number | null => {
    const ttlSeconds = job.spec?.ttlSecondsAfterFinished;
    if (ttlSeconds === undefined) return null;
    const atMs = endMs + ttlSeconds * 1000;
    if (atMs > nowMs()) return atMs;
    registry.delete(jobs, job, { propagationPolicy: 'Background' });
    return null;
  };

  const writeStatus = (job: Job, result: Verdict | null) => {
    const owned = podControl.of(job);
    const count = (phase: string) => owned.filter(({ status }) => status?.phase === phase).length;
    const active = owned.filter((pod) => !isFinished(pod) && !pod.metadata.deletionTimestamp);
    const now = registry.now();
    const { startTime = job.spec?.suspend ? undefined : seconds(now) } = job.status ?? {};
    const conditions = (result?.conditions ?? []).reduce(
      (all, condition) => withCondition(all, { status: 'True', ...condition }, now),
      job.status?.conditions ?? [],
    );
    const status = {
      ...(startTime !== undefined && { startTime }),
      active: active.length,
      ready: active.filter(isReady).length,
      succeeded: count('Succeeded'),
      failed: count('Failed'),
      terminating: owned.filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp).length,
      ...(job.spec?.completionMode === 'Indexed' && { completedIndexes: completedIndexes(owned) }),
      ...(conditions.length > 0 && { conditions }),
      ...(result?.isSuccess && { completionTime: seconds(now) }),
      uncountedTerminatedPods: {},
    };
    registry.setStatus(jobs, job, status, manager);
    if (!result) return;
    const { reason, message } = result.conditions.at(-1) ?? { reason: '', message: '' };
    record(
      job,
      result.isSuccess
        ? { reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason, message },
    );
  };

  return {
    name: manager,
    reconcile: () => registry.list(jobs).map(reconcileJob).reduce(earlier, podControl.nextRetryMs()),
  };
}

function finishedAtMs({ status }: Job): number | null {
  const end = status?.conditions?.find(
    ({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  return end?.lastTransitionTime ? Date.parse(end.lastTransitionTime) : null;
}

function deadlineMs({ spec, status }: Job): number | null {
  if (spec?.activeDeadlineSeconds === undefined || !status?.startTime) return null;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000;
}

function lastEndMs(pods: readonly Pod[]): number {
  const ends = pods.map(({ status }) =>
    Date.parse(status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? ''),
  );
  return Math.max(0, ...ends.filter((end) => !Number.isNaN(end)));
}
