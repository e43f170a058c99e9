/**
 * What travels with every call to a subgraph. The gateway never looks inside `principal`: it only carries it.
 * `positions` are the newest positions this principal has written, by subgraph, for read-your-writes.
 */
export interface CallContext {
  readonly principal: unknown;
  readonly requestId: string;
  readonly correlationId: string;
  readonly positions: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One GraphQL operation for one subgraph. `variables` is JSON text, written once by the executor. */
export interface SubgraphOperation {
  readonly document: string;
  readonly variables: string | null;
}

/** A GraphQL response as an object that the executor may change. */
export interface SubgraphResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly SubgraphError[];
  /** `positions`: what a mutation wrote, by subgraph; the gateway hands it to the same principal's next calls. */
  extensions?: { positions?: Record<string, string> } & Record<string, unknown>;
}

export interface SubgraphError {
  message: string;
  path?: readonly (string | number)[];
  extensions?: Record<string, unknown>;
}

/**
 * The way to one subgraph: in process, HTTP, or a fake in tests. Every implementation passes the same contract suite.
 * A subgraph that cannot be reached makes the promise fail; what it answers, errors included, is a response.
 */
export interface Transport {
  execute(operation: SubgraphOperation, call: CallContext): Promise<SubgraphResponse>;
  /** Ends when the subgraph ends it; fails when the way to it is lost. `return()` reaches the subgraph at once. */
  subscribe(operation: SubgraphOperation, call: CallContext): AsyncIterableIterator<SubgraphResponse>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A transport for each subgraph, by its name in the supergraph (lower case, as in `@join__graph(name: …)`). */
export type Transports = Readonly<Record<string, Transport>>;
