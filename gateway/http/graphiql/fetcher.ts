import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { Kind, parse, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import { createClient } from 'graphql-ws';
import type { Discovery } from './discovery.js';
import type { Session } from './session.js';

/** Queries and mutations by POST, subscriptions by WebSocket, all as the one who is signed in. */
export function createFetcher({ websocketUrl }: Discovery, session: Session | null): Fetcher {
  const headers: Record<string, string> = session ? { authorization: `Bearer ${session.token}` } : {};
  const sockets = createClient({ url: websocketUrl, connectionParams: headers, lazy: true });

  async function post(request: object): Promise<ExecutionResult> {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    });
    return (await response.json()) as ExecutionResult;
  }

  return (parameters) => {
    const { query, variables } = parameters;
    const operation = operationOf(parameters);
    const request = { query, variables, operationName: operation?.name?.value ?? null };
    if (operation?.operation !== 'subscription') return post(request);
    return sockets.iterate(request) as AsyncIterableIterator<ExecutionResult>;
  };
}

/** The operation to run. Just after a change of tabs the editor still names one of the tab before. */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  const operations = operationsIn(query);
  const named = operations.find(({ name }) => name?.value === operationName);
  return named ?? (operations.length === 1 ? operations[0] : undefined);
}

/** None in what cannot be parsed: that is for the server to refuse. */
function operationsIn(query: string): readonly OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}
