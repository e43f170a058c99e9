import { noSuchPath } from './apiError.js';
import { findResource, namespaces } from '../resources.js';
import type { Resource } from '../resources.js';

/** What a path names: a collection, an object, or a part of an object (`status`, `log`). */
export type Route = { resource: Resource; namespace?: string; name?: string; part?: string };

/** Throws 404 for a path that names nothing that is served here. */
export function parseRoute(path: string): Route {
  const steps = path
    .split('/')
    .filter((step) => step !== '')
    .map(decodeURIComponent);
  const apiVersion =
    steps[0] === 'api' ? steps[1] : steps[0] === 'apis' ? `${steps[1]}/${steps[2]}` : undefined;
  if (!apiVersion) throw noSuchPath();
  const rest = steps.slice(steps[0] === 'api' ? 2 : 3);
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status';
  const [plural = '', name, part, ...beyond] = isInNamespace ? rest.slice(2) : rest;
  const resource =
    plural === namespaces.plural && isInNamespace ? undefined : findResource(apiVersion, plural);
  if (!resource || beyond.length > 0) throw noSuchPath();
  const namespace = isInNamespace ? rest[1] : undefined;
  if (resource.namespaced ? name !== undefined && !namespace : namespace !== undefined) throw noSuchPath();
  return {
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(part !== undefined && { part }),
  };
}
