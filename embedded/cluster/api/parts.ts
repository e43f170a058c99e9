import { namespaces, nodes, pods, volumeClaims } from '../resources.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';

/** The part of an object that a write changes: `status` only its status, `spec` all but the status. */
export type Part = 'spec' | 'status';

type WithStatus = { status?: unknown };

/** The current object with one part of it replaced. What the API alone decides stays as it was. */
export function withPart<T extends KubeObject>(resource: Resource<T>, current: T, object: T, part: Part): T {
  const { status: currentStatus } = current as WithStatus;
  if (part === 'status') return { ...current, status: (object as WithStatus).status };
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
  } = current.metadata;
  const decided = { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation };
  return {
    ...object,
    ...(resource.hasStatus && currentStatus !== undefined && { status: currentStatus }),
    metadata: {
      ...object.metadata,
      uid,
      resourceVersion,
      ...(Object.fromEntries(
        Object.entries(decided).filter(([, value]) => value !== undefined),
      ) as typeof decided),
    } as KubeObject['metadata'],
  };
}

/** Nodes register themselves with their status; everything else starts without one. */
export function initialStatus(resource: Resource, draft: object): WithStatus {
  if (!resource.hasStatus) return {};
  switch (resource.plural) {
    case nodes.plural:
      return 'status' in draft ? { status: draft.status } : { status: {} };
    case namespaces.plural:
      return { status: { phase: 'Active' } };
    case pods.plural:
    case volumeClaims.plural:
      return { status: { phase: 'Pending' } };
    default:
      return { status: {} };
  }
}
