import { badRequest, expired } from './apiError.js';
import { fieldPredicate, labelPredicate } from './selectors.js';
import type { Predicate } from './selectors.js';
import type { Route } from './route.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Change, Store } from '../store/store.js';
import type { ServerResponse } from 'node:http';

export type Watch = {
  store: Store;
  route: Route;
  query: URLSearchParams;
  response: ServerResponse;
  bookmarkMs: number;
};

/** A reader that is further behind than this is cut off, and lists again. */
const PENDING_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Streams the changes after `resourceVersion`, one JSON document per line. Without a version it begins with all
 * objects as they are. Every fault after this point is an event of the stream, as Kubernetes has it.
 */
export function streamWatch(watch: Watch): void {
  const { store, route, query, response, bookmarkMs } = watch;
  const from = readVersion(query);
  const matches = selection(route, query);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();

  const send = (type: string, object: object) => {
    if (response.writableLength > PENDING_BYTES_MAX) response.destroy();
    else response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const tell = (change: Change) => {
    if (change.resource !== route.resource) return;
    const event = toEvent(change, matches);
    if (event) send(event.type, event.object);
  };
  const bookmark = (annotations?: Record<string, string>) => {
    const { apiVersion, kind } = route.resource;
    const metadata = { resourceVersion: String(store.version()), ...(annotations && { annotations }) };
    send('BOOKMARK', { kind, apiVersion, metadata });
  };

  const missed = from === null ? [] : store.changesSince(from);
  if (!missed) {
    send('ERROR', expired(from ?? 0, store.version()).toStatus());
    return void response.end();
  }
  for (const change of missed) tell(change);
  if (from === null) {
    for (const object of store.list(route.resource, route.namespace).filter(matches)) send('ADDED', object);
    // Newer clients list by watching, and wait for this.
    if (query.get('sendInitialEvents') === 'true') bookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  const unsubscribe = store.subscribe(tell);
  const bookmarks =
    query.get('allowWatchBookmarks') === 'true' ? setInterval(bookmark, bookmarkMs) : undefined;
  const seconds = query.get('timeoutSeconds');
  const end = seconds === null ? undefined : setTimeout(() => response.end(), Number(seconds) * 1000);
  response.on('close', () => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(end);
  });
}

function selection({ namespace, name }: Route, query: URLSearchParams): Predicate {
  const hasLabels = labelPredicate(query.get('labelSelector'));
  const hasFields = fieldPredicate(query.get('fieldSelector'));
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    hasLabels(object) &&
    hasFields(object);
}

/** `null` is the present: nothing, `0`, or a request to begin with all objects. */
function readVersion(query: URLSearchParams): number | null {
  if (query.get('sendInitialEvents') === 'true') return null;
  const version = query.get('resourceVersion');
  if (!version || version === '0') return null;
  if (!/^\d+$/.test(version)) throw badRequest(`invalid resource version: ${version}`);
  return Number(version);
}

/** How a change looks to a watcher: an object that leaves the selection is deleted for it, one that enters is added. */
function toEvent(
  { type, object, previous }: Change,
  matches: Predicate,
): { type: string; object: KubeObject } | null {
  const did = previous !== null && matches(previous);
  const does = type !== 'DELETED' && matches(object);
  if (does) return { type: did ? 'MODIFIED' : 'ADDED', object };
  return did
    ? {
        type: 'DELETED',
        object: {
          ...previous,
          metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion },
        },
      }
    : null;
}
