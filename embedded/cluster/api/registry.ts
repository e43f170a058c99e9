import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { alreadyExists, forbidden, invalid, modified, notFound, preconditionFailed } from './apiError.js';
import { withDefaults } from './defaults.js';
import { isReleased, markDeleted } from './deletion.js';
import { recordUpdate } from './managedFields.js';
import { checkPodSecurity } from './podSecurity.js';
import { checkQuota } from './quota.js';
import { initialStatus, withPart } from './parts.js';
import { seconds } from './time.js';
import { immutableFaults, validate } from './validation.js';
import { namespaces } from '../resources.js';
import type { DeleteRequest } from './deletion.js';
import type { ManagedFields } from './managedFields.js';
import type { Part } from './parts.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';
import type { Change, Store } from '../store/store.js';

/** Who writes, which part of the object, and who owns its fields afterwards (default: the writer, what it changed). */
export type Write = { manager: string; part?: Part; managedFields?: ManagedFields };

/** A new object, before the API has named it and stamped it. */
export type Draft = Omit<KubeObject, 'metadata'> & { metadata: Partial<KubeObject['metadata']> };

/**
 * The rules of the API over the store: defaults, validation, quota, versions, generations, deletion. HTTP requests,
 * controllers and kubelets all write through it. Throws `ApiError`.
 */
export type Registry = {
  now: () => Date;
  version: () => number;
  subscribe: (listener: (change: Change) => void) => () => void;
  find: <T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
  ) => T | undefined;
  get: <T extends KubeObject>(resource: Resource<T>, namespace: string | undefined, name: string) => T;
  list: <T extends KubeObject>(resource: Resource<T>, namespace?: string) => T[];
  create: <T extends KubeObject>(resource: Resource<T>, draft: Draft, write: Write) => T;
  /** Replaces the object. A stale `metadata.resourceVersion` is refused, an absent one is not checked. */
  update: <T extends KubeObject>(resource: Resource<T>, object: T, write: Write) => T;
  /** Replaces the status, if it is another one. */
  setStatus: <T extends KubeObject & { status?: unknown }>(
    resource: Resource<T>,
    object: T,
    status: NonNullable<T['status']>,
    manager: string,
  ) => void;
  /** Begins or completes the deletion. Returns the object as it is afterwards, or as it last was. */
  delete: <T extends KubeObject>(resource: Resource<T>, object: T, request?: DeleteRequest) => T;
};

export function createRegistry(store: Store, now: () => Date): Registry {
  const get: Registry['get'] = (resource, namespace, name) => {
    const object = store.get(resource, namespace, name);
    if (!object) throw notFound(resource, name);
    return object;
  };

  const owned = <T extends KubeObject>(
    current: T | null,
    next: T,
    { manager, part, managedFields }: Write,
  ): T => {
    if (managedFields) return { ...next, metadata: { ...next.metadata, managedFields } };
    return part === 'status' ? next : recordUpdate(current, next, manager, now());
  };

  const checkNamespace = (resource: Resource, { metadata: { namespace = '', name } }: KubeObject) => {
    if (!get(namespaces, undefined, namespace).metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(resource, name, why);
  };

  const registry: Registry = {
    now,
    version: store.version,
    subscribe: store.subscribe,
    find: store.get,
    list: store.list,
    get,
    setStatus(resource, object, status, manager) {
      if (isDeepStrictEqual(object.status, status)) return;
      registry.update(resource, { ...object, status }, { manager, part: 'status' });
    },
    create(resource, draft, write) {
      const object = withDefaults(resource, stamped(resource, draft, now()));
      const { namespace, name } = object.metadata;
      const faults = validate(resource, object);
      if (faults.length > 0) throw invalid(resource, name, faults);
      if (store.get(resource, namespace, name)) throw alreadyExists(resource, name);
      if (resource.namespaced) checkNamespace(resource, object);
      checkPodSecurity(store, resource, object);
      checkQuota(store, resource, object);
      return store.put(resource, owned(null, object, write)) as never;
    },
    update(resource, object, write) {
      const { namespace, name, resourceVersion } = object.metadata;
      const current = get(resource, namespace, name);
      if (resourceVersion && resourceVersion !== current.metadata.resourceVersion)
        throw modified(resource, name);
      const next = withDefaults(resource, withPart(resource, current, object, write.part ?? 'spec'));
      const faults = [...validate(resource, next), ...immutableFaults(resource, current, next)];
      if (faults.length > 0) throw invalid(resource, name, faults);
      if (isSame(current, next) && haveSameOwners(write.managedFields, current)) return current;
      const changed = owned(current, withGeneration(current, next), write);
      return isReleased(resource, changed) ? store.remove(resource, changed) : store.put(resource, changed);
    },
    delete(resource, object, request = {}) {
      const { namespace, name, uid } = object.metadata;
      const current = get(resource, namespace, name);
      const wanted = request.preconditions?.uid ?? uid;
      if (wanted !== current.metadata.uid)
        throw preconditionFailed(resource, name, wanted, current.metadata.uid);
      const marked = markDeleted(resource, current, request, now());
      if (marked === 'remove') return store.remove(resource, current);
      return marked === current ? current : store.put(resource, marked);
    },
  };
  return registry;
}

/** The object with all that the API alone decides at its creation. */
function stamped(resource: Resource, draft: Draft, now: Date): KubeObject {
  const { name, generateName } = draft.metadata;
  return {
    ...draft,
    ...initialStatus(resource, draft),
    metadata: {
      ...draft.metadata,
      name: name || (generateName ? generateName + randomSuffix() : ''),
      uid: randomUUID(),
      resourceVersion: '',
      creationTimestamp: seconds(now),
      ...('spec' in draft && { generation: 1 }),
    },
  };
}

/** The generation counts the changes of the spec. */
function withGeneration<T extends KubeObject>(current: T, next: T): T {
  const isNewSpec = 'spec' in next && !isDeepStrictEqual((current as { spec?: unknown }).spec, next.spec);
  if (!isNewSpec) return next;
  return { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } };
}

const isSame = (a: KubeObject, b: KubeObject) => isDeepStrictEqual(withoutOwners(a), withoutOwners(b));

/** As JSON would have it: a field that is `undefined` is not there. */
const withoutOwners = (object: KubeObject) => {
  const plain = JSON.parse(JSON.stringify(object)) as KubeObject;
  delete plain.metadata.managedFields;
  return plain;
};

/** Times aside. */
const haveSameOwners = (owners: ManagedFields | undefined, { metadata }: KubeObject) =>
  owners === undefined ||
  isDeepStrictEqual(owners.map(withoutTime), metadata.managedFields?.map(withoutTime));

const withoutTime = ({ manager, operation, apiVersion, fieldsV1 }: ManagedFields[number]) => ({
  manager,
  operation,
  apiVersion,
  fieldsV1,
});

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters, as Kubernetes appends them to generated names. */
export const randomSuffix = () =>
  Array.from({ length: 5 }, () => SUFFIX_LETTERS[Math.floor(Math.random() * SUFFIX_LETTERS.length)]).join('');
