import type { GraphQLScalarType } from 'graphql';
import type { MaskedError } from './executor/execution.js';
import type { StartPlanner } from './planner/planner.js';
import type { CallContext, Transport } from './transports/transport.js';

/** A GraphQL request as it came in, over whatever protocol. `variables` are not yet coerced. */
export interface GraphQLRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** The answer as text, written once. */
export interface TextResult {
  readonly text: string;
  /**
   * False when nothing was executed (parse, validation, coercion, planning), and for the last result of a subscription
   * whose way to the subgraph was lost; its error's code is then UNAVAILABLE.
   */
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
  /**
   * One text per event, each with the errors of that event alone. A request that cannot run yields its errors in one
   * text and ends.
   */
  subscribe(request: GraphQLRequest, call: CallContext): AsyncIterableIterator<TextResult>;
  /**
   * Serves a new supergraph from the next request on, once it has planned what clients rely on and what they sent lately.
   * Requests and subscriptions under way go on with the old one. Refuses a broken one. One at a time.
   */
  reload(supergraphSdl: string): Promise<void>;
  /** The API schema as clients see it, as SDL. */
  readonly apiSdl: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EngineOptions {
  readonly supergraphSdl: string;
  /** What clients rely on. Planned before a supergraph is served; one that cannot answer all of it is refused. */
  readonly documents?: readonly string[] | undefined;
  /** Gives the way to each subgraph named in the supergraph; `url` is the one its `@join__graph` names. */
  readonly connect: (subgraph: { name: string; url: string }) => Transport;
  /** Check the input values of the supergraph's own scalars. A scalar that is not here accepts anything. */
  readonly scalars?: Readonly<Record<string, GraphQLScalarType>>;
  /** Told of every error whose text clients do not see, and of every subgraph that could not be reached. */
  readonly report?: (masked: MaskedError) => void;
  /** The planner in a child process unless another is given. */
  readonly startPlanner?: StartPlanner;
}
