import type { IncomingMessage, ServerResponse } from 'node:http';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** `path` is matched whole, or as a beginning if it ends with `/`. */
export interface Route {
  readonly path: string;
  readonly handle: Handle;
}

/** Finds who handles a path: the exact route, else the first whose beginning fits. */
export function createRouter(routes: readonly Route[]) {
  const exact = new Map(routes.map(({ path, handle }) => [path, handle]));
  const prefixes = routes.filter(({ path }) => path.endsWith('/') && path !== '/');
  return (path: string): Handle | undefined =>
    exact.get(path) ?? prefixes.find((route) => path.startsWith(route.path))?.handle;
}

export function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
