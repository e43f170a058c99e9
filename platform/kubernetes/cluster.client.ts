import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './clusterError.js';
import { pods } from './kinds.js';
import { collectionPath, objectPath, selectors } from './paths.js';
import { readPodLog } from './podLog.js';
import { createTransport } from './transport.js';
import { readWatch } from './watchStream.js';
import type { Cluster, Intent, ObjectList, Selection } from './cluster.port.js';
import type { KubeObject, Kind } from './kinds.js';
import type { Call } from './transport.js';

/** A part of a longer list has at most so many objects. */
const PAGE_MAX = 500;
/** The server ends a watch after this time, so that none lives for ever on one connection. */
const WATCH_SECONDS = 300;

export type ClusterOptions = {
  /** The text of a kubeconfig. Default: the file in `KUBECONFIG`, `~/.kube/config`, or the pod's own account. */
  kubeconfig?: string;
  /** Who owns the fields that we apply. */
  fieldManager: string;
  /** Longest time for one request, its waiting for `Retry-After` included. Default 10 s. */
  timeoutMs?: number;
};

/** Connects to a cluster. Nothing is sent before the first call. */
export function connectCluster({ kubeconfig, fieldManager, timeoutMs = 10_000 }: ClusterOptions): Cluster {
  const transport = createTransport(readKubeconfig(kubeconfig));
  const closed = new AbortController();

  const call = async <T>(request: Omit<Call, 'signal'>): Promise<T> => {
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutMs)]);
    const response = await transport({ ...request, signal });
    return JSON.parse(await response.body.text()) as T;
  };

  const list = async <T extends KubeObject>(
    kind: Kind<T>,
    selection: Selection = {},
  ): Promise<ObjectList<T>> => {
    const items: T[] = [];
    let page: { items: T[]; metadata: { resourceVersion: string; continue?: string } };
    let next: string | undefined;
    do {
      const query = { ...selectors(selection), limit: PAGE_MAX, continue: next };
      page = await call({ method: 'GET', path: collectionPath(kind, selection.namespace, query) });
      // Kubernetes leaves both out of the items of a list.
      const { apiVersion, kind: name } = kind;
      items.push(...page.items.map((item) => ({ ...item, apiVersion, kind: name })));
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
    return { items, resourceVersion: page.metadata.resourceVersion };
  };

  return {
    list,
    get: (kind, ref) => call<never>({ method: 'GET', path: objectPath(kind, ref) }).catch(absentAs(null)),
    create: (kind, object) =>
      call({
        method: 'POST',
        path: collectionPath(kind, object.metadata.namespace, { fieldManager }),
        body: complete(kind, object),
      }),
    apply: (kind, object, { force = true, onto } = {}) =>
      call({
        method: 'PATCH',
        path: objectPath(kind, refOf(object), { fieldManager, force }),
        contentType: 'application/apply-patch+yaml',
        body: complete(kind, onto === undefined ? object : appliedOnto(object, onto)),
      }),
    replace: (kind, object) =>
      call({ method: 'PUT', path: objectPath(kind, refOf(object), { fieldManager }), body: object }),
    delete: (kind, ref, { propagation = 'Background', gracePeriodSeconds, uid } = {}) =>
      call({
        method: 'DELETE',
        path: objectPath(kind, ref),
        body: {
          propagationPolicy: propagation,
          ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
          ...(uid !== undefined && { preconditions: { uid } }),
        },
      }).then(() => true, absentAs(false)),
    async *watch(kind, selection, { version, signal }) {
      const query = {
        ...selectors(selection),
        watch: true,
        resourceVersion: version,
        allowWatchBookmarks: true,
        timeoutSeconds: WATCH_SECONDS,
      };
      const { body } = await transport({
        method: 'GET',
        path: collectionPath(kind, selection.namespace, query),
        signal: AbortSignal.any([closed.signal, signal]),
      });
      const stream = body.stream();
      if (stream) yield* readWatch(stream as unknown as AsyncIterable<Uint8Array>);
    },
    async *podLog(ref, { lineBytesMax, signal, ...options }) {
      const { body } = await transport({
        method: 'GET',
        path: objectPath(pods, ref, { ...options, timestamps: true }, 'log'),
        signal: AbortSignal.any([closed.signal, signal]),
      });
      const stream = body.stream();
      if (stream) yield* readPodLog(stream as unknown as AsyncIterable<Uint8Array>, lineBytesMax);
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await transport[Symbol.asyncDispose]();
    },
  };
}

function readKubeconfig(text: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (text === undefined) config.loadFromDefault();
  else config.loadFromString(text);
  return config;
}

const complete = <T extends KubeObject>({ apiVersion, kind }: Kind<T>, object: Intent<T>) => ({
  ...object,
  apiVersion,
  kind,
});

/** The first write to a store makes version 2, so that no object ever has this one: it fits only where there is none. */
const VERSION_OF_NONE = '1';

/** With the uid, an object that is gone is not made anew. */
function appliedOnto<T extends KubeObject>(object: Intent<T>, onto: KubeObject | null): Intent<T> {
  const { uid, resourceVersion } = onto?.metadata ?? { uid: undefined, resourceVersion: VERSION_OF_NONE };
  return { ...object, metadata: { ...object.metadata, resourceVersion, ...(uid !== undefined && { uid }) } };
}

const refOf = ({ metadata: { name, namespace } }: { metadata: { name: string; namespace?: string } }) => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

const absentAs =
  <Absent>(value: Absent) =>
  (error: unknown): Absent => {
    if (error instanceof ClusterError && error.status === 404) return value;
    throw error;
  };
