import type { Endpoint } from '../../../contracts/resources.events.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';
import type { Observation } from '../instance/instance.observe.js';

/** The kubelet's words for an image that cannot be had; it goes on trying, so they are progress and not yet failure. */
const PULLING_FAILS = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'];

/** What a pod shows of its instance, in the order in which it became true. `endpoints` are where it is reached once ready. */
export function observationsOf(pod: Pod, endpoints: readonly Endpoint[]): Observation[] {
  const { metadata, spec, status } = pod;
  const created: Observation = { type: 'podCreated', podUid: metadata.uid };
  if (metadata.deletionTimestamp !== undefined)
    return [created, unready('Terminating', 'The pod is being removed.')];
  if (status?.phase === 'Failed') return [created, failureOf(pod)];
  if (conditionOf(pod, 'Ready')?.status === 'True') return [created, { type: 'podReady', endpoints }];
  const container = status?.containerStatuses?.[0]?.state;
  const waiting = container?.waiting;
  const placed: Observation[] = spec?.nodeName
    ? [
        { type: 'stepFinished', step: 'SCHEDULE', message: `Placed on ${spec.nodeName}.` },
        { type: 'stepStarted', step: 'PULL_IMAGE' },
      ]
    : [progress('SCHEDULE', conditionOf(pod, 'PodScheduled')?.message ?? null)];
  const pulling =
    waiting && PULLING_FAILS.includes(waiting.reason ?? '')
      ? [progress('PULL_IMAGE', waiting.message ?? waiting.reason ?? null)]
      : [];
  const starting: Observation[] = container?.running
    ? [
        { type: 'stepFinished', step: 'PULL_IMAGE' },
        { type: 'stepStarted', step: 'START' },
      ]
    : [];
  const why = unready(waiting?.reason ?? 'NotReady', waiting?.message ?? null);
  return [created, ...placed, ...pulling, ...starting, why];
}

const conditionOf = ({ status }: Pod, type: string) =>
  status?.conditions?.find((condition) => condition.type === type);

const unready = (reason: string, message: string | null): Observation => ({
  type: 'podUnready',
  reason,
  message,
});

const progress = (step: 'SCHEDULE' | 'PULL_IMAGE', message: string | null): Observation => ({
  type: 'stepProgressed',
  step,
  percent: null,
  message,
});

function failureOf({ status }: Pod): Observation {
  const ended = status?.containerStatuses?.[0]?.state?.terminated;
  const message =
    ended?.message ?? status?.message ?? `The container ended with exit code ${ended?.exitCode ?? '?'}.`;
  return { type: 'podFailed', reason: 'POD_FAILED', message, retryable: true };
}
