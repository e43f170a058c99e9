import { onAbort } from './onAbort.js';
import type { CallContext, SubgraphResponse, Transport } from './transport.js';

/** What a subgraph in the same process offers. `variables` is an object, as GraphQL servers want it. */
export interface LocalSubgraph {
  execute(operation: LocalOperation, call: CallContext): Promise<SubgraphResponse>;
  subscribe(operation: LocalOperation, call: CallContext): AsyncIterableIterator<SubgraphResponse>;
}

export interface LocalOperation {
  readonly document: string;
  readonly variables: Record<string, unknown>;
}

/** The way to a subgraph that runs in this process. It leaves the subgraph's life to whoever started it. */
export function createInProcessTransport(subgraph: LocalSubgraph): Transport {
  return {
    execute({ document, variables }, call) {
      return untilAborted(call.signal, () =>
        subgraph.execute({ document, variables: readVariables(variables) }, call),
      );
    },
    subscribe({ document, variables }, call) {
      const events = subgraph.subscribe({ document, variables: readVariables(variables) }, call);
      return endedByAbort(events, call.signal);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const readVariables = (variables: string | null): Record<string, unknown> =>
  variables === null ? {} : (JSON.parse(variables) as Record<string, unknown>);

/** A subgraph that ignores the signal must not hold the caller. */
function untilAborted<Value>(signal: AbortSignal, start: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    const settle = onAbort(signal, abort);
    void start().then(resolve, reject).finally(settle);
  });
}

/** For one reader. A subgraph that is slow to let go must hold neither it nor whoever aborts. */
function endedByAbort<Event>(
  events: AsyncIterableIterator<Event>,
  signal: AbortSignal,
): AsyncIterableIterator<Event> {
  let pending:
    { resolve: (result: IteratorResult<Event>) => void; reject: (error: Error) => void } | undefined;
  const leave = () => {
    settle();
    // An async generator takes this up only after the event that it is at; nobody waits for that.
    events.return?.().catch(() => undefined);
  };
  const settle = onAbort(signal, () => {
    leave();
    pending?.reject(signal.reason as Error);
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        pending = { resolve, reject };
        void events.next().then(resolve, reject);
      }),
    return() {
      leave();
      pending?.resolve({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
