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
export function streamWatch({ store, route, query, response, bookmarkMs }: Watch): void {
  const matches = selection(route, query);
  const from = readVersion(query);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();

  const send = (type: string, object: object) => {
    if (response.writableLength > PENDING_BYTES_MAX) response.destroy();
    else response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const tell = (change: Change) => {
    if (
      change.resource.plural !== route.resource.plural ||
      change.resource.apiVersion !== route.resource.apiVersion
    )
      return;
    const event = toEvent(change, matches);
    if (event) send(event.type, event.object);
  };

  if (from === null) {
    for (const object of store.list(route.resource, route.namespace))
      if (matches(object)) send('ADDED', object);
  } else {
    const missed = store.changesSince(from);
    if (!missed) {
      send('ERROR', expired(from, store.version()).toStatus());
      return void response.end();
    }
    for (const change of missed) tell(change);
  }

  const { apiVersion, kind } = route.resource;
  const bookmark = () =>
    send('BOOKMARK', {
      kind,
      apiVersion,
      metadata: { resourceVersion: String(store.version()), creationTimestamp: null },
    });
  const timers = [
    ...(query.get('allowWatchBookmarks') === 'true' ? [setInterval(bookmark, bookmarkMs)] : []),
    ...(query.has('timeoutSeconds')
      ? [setTimeout(() => response.end(), Number(query.get('timeoutSeconds')) * 1000)]
      : []),
  ];
  const unsubscribe = store.subscribe(tell);
  response.on('close', () => {
    unsubscribe();
    for (const timer of timers) clearTimeout(timer);
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

/** `null` is the present: nothing, or `0`. */
function readVersion(query: URLSearchParams): number | null {
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
