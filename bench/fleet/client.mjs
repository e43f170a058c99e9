import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { developmentToken } from '../../dist/embedded/issuer/developmentToken.js';

/** A demo user who talks to a running Fleetgraph as any client does. */
export async function signIn({ url, issuer }, username) {
  const authorization = `Bearer ${await developmentToken(issuer, username)}`;
  return {
    async send(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables }),
      });
      return dataOf(await response.json());
    },
    /** Calls `onData` for every frame, and answers what stops it. */
    listen(query, variables, onData) {
      const sockets = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
      });
      const fail = (error) => {
        throw error;
      };
      const next = (answer) => onData(dataOf(answer));
      sockets.subscribe({ query, variables }, { next, error: fail, complete: () => {} });
      return () => sockets.dispose();
    },
  };
}

export function dataOf({ data, errors }) {
  if (errors) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data;
}
