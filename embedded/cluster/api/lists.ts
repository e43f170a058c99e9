import { badRequest, expired } from './apiError.js';
import { fieldPredicate, labelPredicate } from './selectors.js';
import type { Registry } from './registry.js';
import type { Route } from './route.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

type Begun = { version: number; items: KubeObject[] };

/** So many lists can be read page by page at the same time; the oldest is then refused as expired. */
const BEGUN_MAX = 100;

/** Answers lists. All pages of one are of one version, whatever changes meanwhile. */
export function createLists(registry: Registry) {
  const begun = new Map<string, Begun>();
  let lastId = 0;

  const begin = ({ resource, namespace }: Route, query: URLSearchParams): Begun => {
    const hasLabels = labelPredicate(query.get('labelSelector'));
    const hasFields = fieldPredicate(query.get('fieldSelector'));
    const items = registry
      .list(resource, namespace)
      .filter((object) => hasLabels(object) && hasFields(object))
      .sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
    return { version: registry.version(), items };
  };

  const resume = (token: string): { list: Begun; from: number } => {
    const [id = '', from] = token.split('.');
    const list = begun.get(id);
    if (!list) throw expired(0, registry.version());
    return { list, from: Number(from) };
  };

  const keep = (list: Begun): string => {
    lastId += 1;
    begun.set(String(lastId), list);
    const [oldest] = begun.keys();
    if (oldest !== undefined && begun.size > BEGUN_MAX) begun.delete(oldest);
    return String(lastId);
  };

  return function answerList(route: Route, query: URLSearchParams): object {
    const token = query.get('continue');
    const limit = Number(query.get('limit') ?? 0);
    if (!Number.isInteger(limit) || limit < 0) throw badRequest(`invalid limit: ${query.get('limit')}`);
    const { list, from } = token ? resume(token) : { list: begin(route, query), from: 0 };
    const to = limit === 0 ? list.items.length : from + limit;
    const left = list.items.length - to;
    const id = token?.split('.')[0] ?? (left > 0 ? keep(list) : '');
    const { apiVersion, kind } = route.resource;
    return {
      kind: `${kind}List`,
      apiVersion,
      metadata: {
        resourceVersion: String(list.version),
        ...(left > 0 && { continue: `${id}.${to}`, remainingItemCount: left }),
      },
      items: list.items.slice(from, to).map(withoutType),
    };
  };
}

const pathOf = ({ metadata: { namespace = '', name } }: KubeObject) => `${namespace}/${name}`;

/** The list says what its items are. */
const withoutType = (object: KubeObject) =>
  Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'apiVersion' && field !== 'kind'));
