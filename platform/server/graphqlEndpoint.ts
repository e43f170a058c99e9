import { readCallHeaders } from './callHeaders.js';
import { type Endpoint, parseJson } from './endpoint.js';
import { badRequest } from './requestErrors.js';
import type { Subgraph, SubgraphOperation } from './subgraph.js';

/** Queries and mutations over HTTP. */
export const createGraphqlEndpoint = (subgraph: Subgraph): Endpoint => ({
  method: 'POST',
  answer: ({ principal, body, headers, signal }) =>
    subgraph.execute(readOperation(parseJson(body)), { principal, ...readCallHeaders(headers), signal }),
});

/** The operation in a request's body or in a subscribe message. */
export function readOperation(value: unknown): SubgraphOperation {
  const { query, variables = null } = (value ?? {}) as { query?: unknown; variables?: unknown };
  if (typeof query !== 'string') throw badRequest('The request has no query');
  if (typeof variables !== 'object' || Array.isArray(variables))
    throw badRequest('The variables are no object');
  return { document: query, variables: (variables ?? {}) as Record<string, unknown> };
}
