import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import type { Discovery } from './discovery.js';
import type { Session } from './session.js';

/** Queries and mutations by POST, subscriptions by WebSocket, all as the one who is signed in. */
export function createFetcher({ websocketUrl }: Discovery, session: Session | null): Fetcher {
  const headers: Record<string, string> = session ? { authorization: `Bearer ${session.token}` } : {};
  return createGraphiQLFetcher({
    url: '/graphql',
    headers,
    wsClient: createClient({ url: websocketUrl, connectionParams: headers, lazy: true }),
  });
}
