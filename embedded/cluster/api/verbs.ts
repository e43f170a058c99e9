import { applyTo } from './apply.js';
import { ApiError, badRequest, noSuchPath, preconditionFailed } from './apiError.js';
import { patched } from './patch.js';
import { isObject } from './listKeys.js';
import type { DeleteRequest } from './deletion.js';
import type { Registry, Write } from './registry.js';
import type { Route } from './route.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

export type Request = { method: string; query: URLSearchParams; body?: unknown; contentType: string };
export type Answer = { code: number; body: object };

/** Answers every request for one object, and creations. Throws `ApiError`. */
export function answerVerb(registry: Registry, route: Route, request: Request): Answer {
  const { name, part, resource } = route;
  if (part !== undefined && !(part === 'status' && resource.hasStatus)) throw noSuchPath();
  const verb = `${request.method} ${name === undefined ? 'collection' : 'object'}`;
  switch (verb) {
    case 'POST collection':
      return { code: 201, body: create(registry, route, request) };
    case 'GET object':
      return { code: 200, body: current(registry, route) };
    case 'PUT object':
      return { code: 200, body: replace(registry, route, request) };
    case 'PATCH object':
      return patch(registry, route, request);
    case 'DELETE object':
      return remove(registry, route, request);
    default:
      throw new ApiError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      );
  }
}

const current = (registry: Registry, { resource, namespace, name = '' }: Route) =>
  registry.get(resource, namespace, name);

function create(registry: Registry, route: Route, { body, query }: Request) {
  if (route.resource.namespaced && !route.namespace) throw noSuchPath();
  return registry.create(route.resource, readObject(route, body), { manager: managerOf(query) });
}

function replace(registry: Registry, route: Route, { body, query }: Request) {
  return registry.update(route.resource, readObject(route, body), writeOf(route, query));
}

function patch(registry: Registry, route: Route, { body, query, contentType }: Request): Answer {
  if (contentType === 'application/apply-patch+yaml') return apply(registry, route, body, query);
  const before = current(registry, route);
  const after = readObject(route, patched(before, body, contentType));
  return { code: 200, body: registry.update(route.resource, after, writeOf(route, query)) };
}

function apply(registry: Registry, route: Route, body: unknown, query: URLSearchParams): Answer {
  const { resource, namespace, name = '' } = route;
  const manager = query.get('fieldManager');
  if (!manager)
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  const applied = readObject(route, body);
  if (applied.metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  const live = registry.find(resource, namespace, name) ?? null;
  const { uid } = applied.metadata;
  if (uid && uid !== live?.metadata.uid)
    throw preconditionFailed(resource, name, uid, live?.metadata.uid ?? '');
  if (route.part === 'status') {
    const status = {
      ...current(registry, route),
      status: (applied as { status?: unknown }).status,
    } as KubeObject;
    return { code: 200, body: registry.update(resource, status, { manager, part: 'status' }) };
  }
  const force = query.get('force') === 'true';
  const { object, managedFields } = applyTo(live, applied, { manager, force, now: registry.now() });
  if (!live) return { code: 201, body: registry.create(resource, object, { manager, managedFields }) };
  return { code: 200, body: registry.update(resource, object, { manager, managedFields }) };
}

function remove(registry: Registry, route: Route, { body, query }: Request): Answer {
  const object = current(registry, route);
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const request = {
    ...(isObject(body) ? body : {}),
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy }),
  } as DeleteRequest;
  const after = registry.delete(route.resource, object, request);
  if (registry.find(route.resource, route.namespace, route.name ?? '')) return { code: 200, body: after };
  const details = { name: object.metadata.name, kind: route.resource.plural, uid: object.metadata.uid };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

const managerOf = (query: URLSearchParams) => query.get('fieldManager') ?? 'unknown';

const writeOf = ({ part }: Route, query: URLSearchParams): Write => ({
  manager: managerOf(query),
  ...(part === 'status' && { part }),
});

/** The object in a body, which must be what the path says it is. */
function readObject({ resource, namespace, name }: Route, body: unknown): KubeObject {
  if (!isObject(body)) throw badRequest('the body is no object');
  const { apiVersion = resource.apiVersion, kind = resource.kind, metadata = {} } = body;
  if (apiVersion !== resource.apiVersion || kind !== resource.kind || !isObject(metadata)) {
    throw badRequest(
      `${JSON.stringify([apiVersion, kind])} cannot be written as ${resource.apiVersion} ${resource.kind}`,
    );
  }
  if (name !== undefined && metadata['name'] !== undefined && metadata['name'] !== name) {
    throw badRequest(
      `the name of the object (${JSON.stringify(metadata['name'])}) does not match the name on the URL (${name})`,
    );
  }
  if (namespace !== undefined && metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const place = { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
  return { ...body, apiVersion, kind, metadata: { ...metadata, ...place } } as unknown as KubeObject;
}
