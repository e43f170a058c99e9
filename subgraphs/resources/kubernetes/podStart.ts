import type { KubeObject, Pod } from '../../../platform/kubernetes/kinds.js';
import type { Ending } from './jobEnding.js';

/** How long what a kubelet tries again by itself may go on failing. */
const GRACE_MS = 60_000;

/** A kubelet's words for an image that cannot be had, and for a container that cannot be made of it. */
const UNPULLABLE = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];
const UNMAKEABLE = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** Why the pods will never run; null as long as they may. Short troubles are left to the cluster. */
export function startFailureOf(
  { metadata }: Pick<KubeObject, 'metadata'>,
  pods: readonly Pod[],
  now: Date,
): Ending | null {
  const isOld = (since: string | undefined) => now.getTime() - Date.parse(since ?? '') > GRACE_MS;
  for (const { status } of pods) {
    const waiting = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.waiting ?? []);
    for (const { reason = '', message = reason } of waiting) {
      if (reason !== 'InvalidImageName' && !isOld(status?.startTime)) continue;
      if (UNPULLABLE.includes(reason)) return { reason: 'IMAGE_PULL_FAILED', exitCode: null, message };
      if (UNMAKEABLE.includes(reason)) return { reason: 'POD_REJECTED', exitCode: null, message };
    }
  }
  if (pods.length === 0 && isOld(metadata.creationTimestamp))
    return { reason: 'POD_REJECTED', exitCode: null, message: 'The cluster made none of its pods.' };
  return null;
}
