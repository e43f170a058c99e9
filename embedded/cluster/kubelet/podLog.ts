import { INDEX } from '../controllers/jobProgress.js';
import { logStepMs } from './delays.js';
import { type Printed, trainingLog } from './trainingLog.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** When a container ended, and its last words. What it printed up to then is in its log, and nothing later. */
export type ContainerEnd = Printed;

/** The log of a container: what it prints while it runs, in the order of time, and its end, null while it runs. */
export type ContainerLog = { readonly printed: Iterator<Printed>; readonly end: ContainerEnd | null };

/** Times of a status have whole seconds: what was printed in the second of an end was printed before it. */
const WITHIN_SECOND_MS = 998;

/** Null while the container has not started. The same pod has the same log, whenever it is asked for. */
export function containerLog(pod: Pod, container: string): ContainerLog | null {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
  const startedAt = status?.state?.running?.startedAt ?? status?.state?.terminated?.startedAt;
  if (!status || !startedAt) return null;
  return { printed: printedBy(pod, container, Date.parse(startedAt)), end: endOf(status) };
}

function* printedBy(pod: Pod, container: string, startMs: number): Generator<Printed> {
  const { command = [], args = [] } = pod.spec?.containers.find(({ name }) => name === container) ?? {};
  const words = [...command, ...args].join(' ');
  yield { atMs: startMs, text: `${container} started${words && `: ${words}`}` };
  const job = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job');
  if (!job) return;
  yield* trainingLog({
    seed: job.name,
    startMs,
    stepMs: logStepMs(pod),
    gpus: Number(pod.spec?.containers[0]?.resources?.limits?.['nvidia.com/gpu'] ?? 0),
    rank: Number(pod.metadata.annotations?.[INDEX] ?? 0),
  });
}

function endOf({ name, state }: ContainerStatus): ContainerEnd | null {
  const ended = state?.terminated;
  if (!ended?.finishedAt) return null;
  const { reason, exitCode, message } = ended;
  const why = exitCode === 0 || !message ? '' : `: ${message}`;
  const atMs = Date.parse(ended.finishedAt) + WITHIN_SECOND_MS;
  return { atMs, text: `${name} ended: ${reason} (exit code ${exitCode})${why}` };
}
