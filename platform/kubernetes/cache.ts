import { listAndWatch } from './listWatch.js';
import type { Cache, CacheOptions, Snapshot } from './cache.port.js';
import type { Cluster, ObjectList, ObjectRef, Selection, WatchEvent } from './cluster.port.js';
import type { KubeObject, Kind } from './kinds.js';

/** Starts a cache of one kind and selection. It keeps itself up to date until it is disposed of. */
export function createCache<T extends KubeObject>(
  cluster: Pick<Cluster, 'list' | 'watch'>,
  kind: Kind<T>,
  selection: Selection = {},
  { resyncMs = 30_000, silenceMs = 6_000, onError = () => undefined }: CacheOptions = {},
): Cache<T> {
  const stopped = new AbortController();
  const listeners = new Set<() => void>();
  let objects: Map<string, T> | null = null;
  let version = 0n;
  let writtenVersion = 0n;
  let telling = false;

  const snapshot = (): Snapshot<T> | null =>
    objects && version >= writtenVersion ? { objects, version: String(version) } : null;

  const tell = () => {
    if (telling) return;
    telling = true;
    setImmediate(() => {
      telling = false;
      if (!stopped.signal.aborted) for (const listener of listeners) listener();
    });
  };

  const onList = ({ items, resourceVersion }: ObjectList<T>): boolean => {
    const listed = BigInt(resourceVersion);
    // The watch was faster than this list.
    if (objects && listed < version) return false;
    const before = objects;
    const isNew =
      before?.size !== items.length ||
      items.some(
        (item) => before.get(keyOf(item))?.metadata.resourceVersion !== item.metadata.resourceVersion,
      );
    const wasBehind = version < writtenVersion;
    version = listed;
    // A snapshot that somebody holds must not change under them.
    if (isNew) objects = new Map(items.map((item) => [keyOf(item), item]));
    if (isNew || wasBehind) tell();
    return isNew;
  };

  const onEvent = (event: WatchEvent<T>) => {
    const wasBehind = version < writtenVersion;
    version = BigInt(event.version);
    if (event.type !== 'BOOKMARK') {
      objects = new Map(objects);
      if (event.type === 'DELETED') objects.delete(keyOf(event.object));
      else objects.set(keyOf(event.object), event.object);
    }
    if (event.type !== 'BOOKMARK' || wasBehind) tell();
  };

  const resync = setInterval(tell, resyncMs);
  const running = listAndWatch(cluster, kind, selection, {
    silenceMs,
    onList,
    onEvent,
    onError,
    signal: stopped.signal,
  });

  const onChange = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  return {
    snapshot,
    onChange,
    known: (signal) => untilKnown(snapshot, onChange, AbortSignal.any([signal, stopped.signal])),
    wrote: ({ metadata }) => {
      const written = BigInt(metadata.resourceVersion);
      if (written > writtenVersion) writtenVersion = written;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(resync);
      stopped.abort();
      await running;
    },
  };
}

type Named = { metadata: { name: string; namespace?: string } };

/** The key of an object in a snapshot. */
export const keyOf = ({ metadata: { namespace, name } }: Named): string =>
  namespace ? `${namespace}/${name}` : name;

export const nameOf = ({ metadata: { namespace, name } }: Named): ObjectRef =>
  namespace ? { namespace, name } : { name };

function untilKnown<T>(
  snapshot: () => Snapshot<T> | null,
  onChange: Cache<KubeObject>['onChange'],
  signal: AbortSignal,
): Promise<Snapshot<T>> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      const current = snapshot();
      if (!current) return;
      stop();
      signal.removeEventListener('abort', abort);
      resolve(current);
    };
    const abort = () => {
      stop();
      reject(signal.reason as Error);
    };
    const stop = onChange(settle);
    if (signal.aborted) abort();
    else {
      signal.addEventListener('abort', abort, { once: true });
      settle();
    }
  });
}
