import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/compiled.js';
import type { Handle, Route } from './routes.js';
import { createStaticFiles } from './staticFiles.js';

/** Where `npm run build` puts the page. */
const FOLDER = join(projectRoot, 'dist/gateway/http/graphiql');

/** A tab that the page opens for somebody who comes for the first time. `variables` is JSON text. */
export interface Example {
  readonly title: string;
  readonly query: string;
  readonly variables?: string | undefined;
}

export interface GraphiqlOptions {
  readonly examples: readonly Example[];
  /** Where the page may sign in, besides its own server. */
  readonly issuer: string | null;
}

/** GraphiQL as one page and its files, all from this server: it works without any other. */
export function createGraphiqlPage({ examples, issuer }: GraphiqlOptions): {
  page: Handle;
  routes: readonly Route[];
} {
  const file = join(FOLDER, 'index.html');
  if (!existsSync(file)) return { page: notBuilt, routes: [] };
  // `<` would let an example end the script element that it is in.
  const settings = JSON.stringify({ examples }).replaceAll('<', '\\u003c');
  const element = `<script type="application/json" id="settings">${settings}</script>`;
  const html = readFileSync(file, 'utf8').replace('<!-- settings -->', () => element);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': policy(issuer),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  return {
    page: (_request, response) => void response.writeHead(200, headers).end(html),
    routes: [{ path: '/graphiql/', handle: createStaticFiles(FOLDER, '/graphiql/') }],
  };
}

const notBuilt: Handle = (_request, response) =>
  void response
    .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    .end('GraphiQL is not built. Run "npm run build", or send GraphQL requests to this address.\n');

const policy = (issuer: string | null) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The editor sets styles from its script.
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "worker-src 'self' blob:",
    ["connect-src 'self' ws: wss:", ...(issuer ? [new URL(issuer).origin] : [])].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
