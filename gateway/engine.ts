import type { CallContext, Transports } from './transports/transport.js';

/** A GraphQL request as it came in, over whatever protocol. `variables` are not yet coerced. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** The answer as text, written once. `ok` is false when nothing was executed (parse, validation, coercion, planning). */
export interface TextResult {
  readonly text: string;
  readonly ok: boolean;
  /** What mutations wrote, by subgraph. */
  readonly positions: Readonly<Record<string, string>>;
}

/**
 * A federated supergraph that can be queried. It plans, fetches, joins and projects; it knows nothing of HTTP, of
 * identity or of any domain. Errors of a request are inside the answer; a promise fails only by a bug.
 */
export interface Engine {
  /** Parses and validates once per document and caches; says what kind of operation it is, before anything runs. */
  operationKind(request: GraphQLRequest): 'query' | 'mutation' | 'subscription' | 'invalid';
  execute(request: GraphQLRequest, call: CallContext): Promise<TextResult>;
  /** One text per event. A request that cannot run yields its errors in one text and ends. */
  subscribe(request: GraphQLRequest, call: CallContext): AsyncIterableIterator<TextResult>;
  /** Serves a new supergraph from the next request on; those under way finish on the old one. Refuses a broken one. */
  reload(supergraphSdl: string): Promise<void>;
  /** The API schema as clients see it, as SDL. */
  readonly apiSdl: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EngineOptions {
  readonly supergraphSdl: string;
  /** Gives the way to each subgraph named in the supergraph; `url` is the one its `@join__graph` names. */
  readonly connect: (subgraph: { name: string; url: string }) => Transports[string];
}
