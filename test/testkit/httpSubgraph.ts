import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/**
 * A subgraph on a free port, over HTTP and WebSocket, by the reference libraries alone: nothing of the gateway's.
 * `resolvers` are those of @apollo/subgraph.
 */
export async function startHttpSubgraph(
  sdl: string,
  resolvers: Parameters<typeof buildSubgraphSchema>[0] extends infer Modules
    ? Extract<Modules, { resolvers?: unknown }>['resolvers']
    : never,
) {
  const typeDefs = parse(sdl);
  const schema = buildSubgraphSchema({ typeDefs, ...(resolvers && { resolvers }) });
  const handle = createHandler({ schema });
  const server = createServer((request, response) => void handle(request, response));
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const protocol = useServer({ schema }, sockets);
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    typeDefs,
    async [Symbol.asyncDispose]() {
      await protocol.dispose();
      server.closeAllConnections();
      server.close();
    },
  };
}
