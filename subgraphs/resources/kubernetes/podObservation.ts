import type { Pod } from '../../../platform/kubernetes/kinds.js';

/** What a cluster shows of an instance's pod, in the words of the instance. Times are the cluster's. */
export type PodObservation = {
  /** Changes when the pod is replaced. */
  uid: string;
  /** The name of the node it was placed on; null while it waits for a place. */
  nodeName: string | null;
  ready: boolean;
  /** Why its container does not run yet, in the kubelet's word: `ErrImagePull`, `CreateContainerConfigError`, … */
  waitingReason: string | null;
  message: string | null;
  /** Set once it can never become ready. */
  failure: { reason: string; message: string } | null;
  /** It was asked to go, and is still there. */
  deleting: boolean;
};

export function observePod(pod: Pod): PodObservation {
  const { status, spec, metadata } = pod;
  const condition = (type: string) => status?.conditions?.find((candidate) => candidate.type === type);
  const container = status?.containerStatuses?.[0];
  const waiting = container?.state?.waiting;
  const unscheduled = condition('PodScheduled')?.status === 'False' ? condition('PodScheduled') : undefined;
  return {
    uid: metadata.uid,
    nodeName: spec?.nodeName ?? null,
    ready: condition('Ready')?.status === 'True' && metadata.deletionTimestamp === undefined,
    waitingReason: waiting?.reason ?? unscheduled?.reason ?? null,
    message: waiting?.message ?? unscheduled?.message ?? null,
    failure: status?.phase === 'Failed' ? failureOf(pod) : null,
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

function failureOf({ status }: Pod) {
  const ended = status?.containerStatuses?.[0]?.state?.terminated;
  return {
    reason: ended?.reason ?? status?.reason ?? 'Failed',
    message:
      ended?.message ??
      status?.message ??
      `The container ended with exit code ${ended?.exitCode ?? 'unknown'}.`,
  };
}
