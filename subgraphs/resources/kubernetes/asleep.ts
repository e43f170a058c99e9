import type { Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Kind, KubeObject } from '../../../platform/kubernetes/kinds.js';

/** What keeps an object of a kind from running anything. Kinds that are not here run nothing. */
const ASLEEP: Readonly<Record<string, object>> = {
  StatefulSet: { replicas: 0 },
  Deployment: { replicas: 0 },
  Job: { suspend: true },
};

/** The intent as it is first made: complete, with nothing of it running. */
export function asleep<T extends KubeObject>({ kind }: Kind<T>, intent: Intent<T>): Intent<T> {
  const still = ASLEEP[kind];
  return still && 'spec' in intent ? { ...intent, spec: { ...(intent.spec as object), ...still } } : intent;
}
