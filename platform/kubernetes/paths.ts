import type { ObjectRef, Selection } from './cluster.port.js';
import type { Kind } from './kinds.js';

type Query = Record<string, string | number | boolean | undefined>;

/** The path of all objects of a kind, in one namespace or in all. */
export function collectionPath(kind: Kind, namespace: string | undefined, query: Query = {}): string {
  const root = kind.apiVersion === 'v1' ? '/api/v1' : `/apis/${kind.apiVersion}`;
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}${queryString(query)}`;
}

/** The path of one object, or of a part of it such as `log` or `status`. */
export function objectPath(kind: Kind, ref: ObjectRef, query: Query = {}, part = ''): string {
  if (kind.namespaced !== (ref.namespace !== undefined)) {
    throw new TypeError(`${kind.kind} ${ref.name} ${kind.namespaced ? 'needs a' : 'has no'} namespace`);
  }
  const path = `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return `${path}${part && `/${part}`}${queryString(query)}`;
}

export const selectors = ({ labelSelector, fieldSelector }: Selection): Query => ({
  labelSelector,
  fieldSelector,
});

function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
