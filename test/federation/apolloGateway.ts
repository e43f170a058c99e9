import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { randomUUID } from 'node:crypto';
import { readSupergraph } from '../../fleet/supergraphFile.js';
import type { Principal } from '../../platform/identity/principal.js';
import type { SigningKey } from '../../platform/identity/signature.js';
import { createInternalSignatures, writeCallHeaders } from '../../platform/server/callHeaders.js';
import { GRAPHQL_PATH } from '../../platform/server/subgraphSockets.js';
import type { Answer } from '../testkit/fleet.js';

type Context = { readonly principal: Principal };

export interface OtherRouter extends AsyncDisposable {
  ask(query: string, variables: object, principal: Principal): Promise<Answer>;
}

/** Apollo's router as it comes, over our supergraph and subgraphs: all that is ours in it signs the calls. */
export async function startApolloGateway(subgraphs: {
  urlOf: (name: string) => string;
  keys: readonly SigningKey[];
}): Promise<OtherRouter> {
  const signatures = createInternalSignatures(subgraphs.keys);

  const buildService = ({ name }: { name: string }) =>
    new RemoteGraphQLDataSource<Context>({
      url: new URL(GRAPHQL_PATH, subgraphs.urlOf(name)).href,
      willSendRequest({ request, context }) {
        const { http, query, ...rest } = request;
        const requestId = randomUUID();
        const headers = writeCallHeaders({ requestId, correlationId: requestId, positions: {} });
        // As the data source will write it.
        const body = JSON.stringify({ query, ...rest });
        const call = { audience: name, method: 'POST', path: GRAPHQL_PATH, body, headers };
        const signed = { ...headers, ...signatures.signCall(call, context.principal) };
        for (const [header, value] of Object.entries(signed)) http?.headers.set(header, value);
      },
    });

  const gateway = new ApolloGateway({ supergraphSdl: readSupergraph(), buildService });
  const server = new ApolloServer<Context>({ gateway, stopOnTerminationSignals: false });
  await server.start();
  return {
    async ask(query, variables, principal) {
      const request = { query, variables: { ...variables } };
      const { body } = await server.executeOperation(request, { contextValue: { principal } });
      if (body.kind !== 'single') throw new Error('An answer in parts');
      // As clients get it: without prototypes and with what an error's class adds.
      return JSON.parse(JSON.stringify(body.singleResult)) as Answer;
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
