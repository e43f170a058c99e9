import type { Pod } from '../../../platform/kubernetes/kinds.js';

/** What a simulated pod goes through. The names are those of KWOK's stages. */
export type Stage =
  'pod-create' | 'pod-ready' | 'pod-complete' | 'pod-container-running-failed' | 'pod-delete';

/** How long each takes when the pod says nothing. */
const defaultMs: Record<Stage, number> = {
  'pod-create': 100,
  'pod-ready': 300,
  'pod-complete': 20_000,
  'pod-container-running-failed': 1_000,
  'pod-delete': 200,
};

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * How long a pod stays before a stage, from its annotations `<stage>.stage.kwok.x-k8s.io/delay` and
 * `…/jitter-delay`: the delay, or at random between both when the jitter is the longer one.
 */
export function stageDelayMs({ metadata: { annotations = {} } }: Pod, stage: Stage): number {
  const delay = parseDuration(annotations[`${stage}.stage.kwok.x-k8s.io/delay`]) ?? defaultMs[stage];
  const jitter = parseDuration(annotations[`${stage}.stage.kwok.x-k8s.io/jitter-delay`]) ?? delay;
  return jitter < delay ? jitter : delay + Math.random() * (jitter - delay);
}

const LOG_STEP_MS = 500;

/** How long a simulated training takes for a step, and so for a line of its log: `pod-log.stage.kwok.x-k8s.io/delay`. */
export const logStepMs = ({ metadata: { annotations = {} } }: Pod): number =>
  Math.max(1, parseDuration(annotations['pod-log.stage.kwok.x-k8s.io/delay']) ?? LOG_STEP_MS);

/** `1h30m`, `2.5s`, `300ms` in milliseconds; `null` when it is no duration. */
function parseDuration(text: string | undefined): number | null {
  if (!text || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return null;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0),
    0,
  );
}
