import { namespaces, pods } from '../resources.js';
import { seconds } from './time.js';
import type { KubeObject, Namespace, Pod } from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';

export type DeleteRequest = {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
};

const GRACE_DEFAULT_SECONDS = 30;

/** What keeps an object until what it owns is deleted, or let go. */
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** The object marked as being deleted, or `remove` when nothing has to happen before it goes. */
export function markDeleted<T extends KubeObject>(
  resource: Resource<T>,
  object: T,
  request: DeleteRequest,
  now: Date,
): T | 'remove' {
  const { metadata } = object;
  const finalizers = new Set(metadata.finalizers);
  if (request.propagationPolicy === 'Foreground') finalizers.add(FOREGROUND);
  if (request.propagationPolicy === 'Orphan') finalizers.add(ORPHAN);
  const graceSeconds = gracePeriod(resource, object, request);
  const isFull = hasContents(resource, object);
  if (finalizers.size === 0 && graceSeconds === 0 && !isFull) return 'remove';
  // A second request may shorten the time that is left, and nothing else.
  if (metadata.deletionTimestamp && graceSeconds >= (metadata.deletionGracePeriodSeconds ?? 0)) return object;
  return {
    ...object,
    ...(isFull && { status: { phase: 'Terminating' } }),
    metadata: {
      ...metadata,
      ...(finalizers.size > 0 && { finalizers: [...finalizers] }),
      deletionTimestamp: seconds(new Date(now.getTime() + graceSeconds * 1000)),
      deletionGracePeriodSeconds: graceSeconds,
    },
  };
}

/** Nothing keeps a deleted object any longer: its last finalizer was removed. */
export const isReleased = (resource: Resource, object: KubeObject) =>
  object.metadata.deletionTimestamp !== undefined &&
  (object.metadata.finalizers ?? []).length === 0 &&
  (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
  !hasContents(resource, object);

/** A namespace has finalizers of its own: they stand for all that is in it. */
const hasContents = (resource: Resource, object: KubeObject) =>
  resource.plural === namespaces.plural && ((object as Namespace).spec?.finalizers ?? []).length > 0;

/** Only pods that a kubelet may have started get time to end. */
function gracePeriod(resource: Resource, object: KubeObject, { gracePeriodSeconds }: DeleteRequest): number {
  if (resource.plural !== pods.plural) return 0;
  const { spec, status } = object as Pod;
  if (!spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  return gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? GRACE_DEFAULT_SECONDS;
}
