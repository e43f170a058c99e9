import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import { resourceOfKind, resources } from '../resources.js';
import type { Resource } from '../resources.js';
import type { Journal } from './journal.js';

/** One step of the cluster's history. `previous` is what the object was before, `null` when it is new. */
export type Change = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  version: number;
  resource: Resource;
  object: KubeObject;
  previous: KubeObject | null;
};

/**
 * All objects, each under one version counter that only grows. Objects are immutable: a change stores a new one.
 * A change is in the journal before anybody hears of it.
 */
export type Store = {
  version: () => number;
  get: <T extends KubeObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
  ) => T | undefined;
  list: <T extends KubeObject>(resource: Resource<T>, namespace?: string) => T[];
  /** Stores the object under a new resource version, which it returns with it. */
  put: <T extends KubeObject>(resource: Resource<T>, object: T) => T;
  remove: <T extends KubeObject>(resource: Resource<T>, object: T) => T;
  /** Every change after `version`, oldest first; `null` when the history does not reach back so far. */
  changesSince: (version: number) => Change[] | null;
  /** Told of every change, in order, before the call that made it returns. Returns the way to stop. */
  subscribe: (listener: (change: Change) => void) => () => void;
  close: () => void;
};

/** `historyMax` is how many changes watchers may be behind before they are told to list again. */
export function createStore(journal: Journal, historyMax: number): Store {
  const objects = new Map<string, KubeObject>();
  const byType = new Map(resources.map((resource) => [typeKey(resource), new Map<string, KubeObject>()]));
  const history: Change[] = [];
  const listeners = new Set<(change: Change) => void>();

  const loaded = journal.load();
  let { version } = loaded;
  let historyFrom = version;
  for (const { key, object } of loaded.entries) {
    objects.set(key, object);
    byType.get(typeKey(loadedResource(object)))?.set(key, object);
  }

  const record = (change: Change) => {
    history.push(change);
    if (history.length > historyMax) historyFrom = history.shift()?.version ?? historyFrom;
    for (const listener of listeners) listener(change);
  };

  const versioned = <T extends KubeObject>(object: T): T => {
    version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
  };

  return {
    version: () => version,
    get: (resource, namespace, name) => objects.get(storeKey(resource, namespace, name)) as never,
    list(resource, namespace) {
      const all = [...(byType.get(typeKey(resource))?.values() ?? [])];
      return (namespace ? all.filter(({ metadata }) => metadata.namespace === namespace) : all) as never;
    },
    put(resource, object) {
      const stored = versioned(object);
      const key = keyOf(resource, stored);
      const previous = objects.get(key) ?? null;
      objects.set(key, stored);
      byType.get(typeKey(resource))?.set(key, stored);
      journal.append({ version, key, object: stored }, objects);
      record({ type: previous ? 'MODIFIED' : 'ADDED', version, resource, object: stored, previous });
      return stored;
    },
    remove(resource, object) {
      const removed = versioned(object);
      const key = keyOf(resource, object);
      const previous = objects.get(key) ?? null;
      objects.delete(key);
      byType.get(typeKey(resource))?.delete(key);
      journal.append({ version, key, object: null }, objects);
      record({ type: 'DELETED', version, resource, object: removed, previous });
      return removed;
    },
    changesSince: (from) => (from < historyFrom ? null : history.filter((change) => change.version > from)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => journal.close(),
  };
}

const typeKey = ({ apiVersion, plural }: Pick<Resource, 'apiVersion' | 'plural'>) =>
  `${apiVersion}/${plural}`;

const storeKey = (resource: Resource, namespace: string | undefined, name: string) =>
  `${typeKey(resource)}/${namespace ?? ''}/${name}`;

const keyOf = (resource: Resource, { metadata: { namespace, name } }: KubeObject) =>
  storeKey(resource, namespace, name);

function loadedResource({ apiVersion, kind }: KubeObject): Resource {
  const resource = resourceOfKind(apiVersion, kind);
  if (!resource)
    throw new Error(`The store holds a ${apiVersion} ${kind}, which this version does not serve`);
  return resource;
}
