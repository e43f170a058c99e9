import type { IncomingMessage } from 'node:http';
import type { Engine } from '../engine.js';
import { writeJson } from '../../platform/server/health.js';
import type { Handle, Route } from './routes.js';

/** What clients need to know to sign in; null where nobody needs to. */
export interface SignIn {
  /** The address of an OpenID issuer. */
  readonly issuer: string;
  /** A public client for the authorization code flow with PKCE, whose redirect address is `/graphql` here. */
  readonly clientId: string;
  /** The resource (RFC 8707) that access tokens must be for; null where the issuer knows by itself. */
  readonly resource: string | null;
}

export interface DiscoveryOptions {
  readonly version: string;
  readonly signIn: SignIn | null;
  readonly engine: Engine;
}

/** `/.well-known/fleetgraph.json` and the API's SDL: all that a client needs to begin. */
export function createDiscovery({ version, signIn, engine }: DiscoveryOptions): readonly Route[] {
  const describe: Handle = (request, response) => {
    const base = baseOf(request);
    writeJson(response, 200, {
      version,
      issuer: signIn?.issuer ?? null,
      clientId: signIn?.clientId ?? null,
      resource: signIn?.resource ?? null,
      websocketUrl: `${base.replace(/^http/, 'ws')}/graphql`,
      sdlUrl: `${base}/schema.graphql`,
    });
  };
  const sdl: Handle = (_request, response) =>
    void response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' })
      .end(engine.apiSdl);
  return [
    { path: '/.well-known/fleetgraph.json', handle: describe },
    { path: '/schema.graphql', handle: sdl },
  ];
}

/** This server as the client sees it, also from before a proxy. */
function baseOf({ headers }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-proto'];
  const scheme = forwarded === 'https' ? 'https' : 'http';
  return `${scheme}://${headers.host ?? 'localhost'}`;
}
