import type { Engine, GraphQLRequest, TextResult } from '../engine.js';
import type { CallContext } from '../transports/transport.js';

export type OperationKind = 'query' | 'mutation' | 'subscription' | 'invalid';

export interface AdmittedRequest {
  readonly request: GraphQLRequest;
  readonly kind: OperationKind;
}

/** Takes one result. When it answers a promise, the receiver is behind and the next result should wait for it. */
export type Receive = (result: TextResult) => void | Promise<void>;

/**
 * The way from the protocols to the engine, and the place where executions may be shared: what comes over HTTP, a
 * socket or an event stream is dispatched here. One result for a query or mutation, one per event for a subscription.
 * Settles when the operation is over, or soon after `call.signal` is aborted; fails only by a bug.
 */
export type Dispatch = (admitted: AdmittedRequest, call: CallContext, receive: Receive) => Promise<void>;

/** Every operation is executed for itself. */
export const createDirectDispatch =
  (engine: Engine): Dispatch =>
  async ({ request, kind }, call, receive) => {
    if (kind !== 'subscription') return receive(await engine.execute(request, call));
    const events = engine.subscribe(request, call);
    const stop = () => void events.return?.();
    call.signal.addEventListener('abort', stop, { once: true });
    for await (const event of events) {
      if (call.signal.aborted) return;
      await receive(event);
    }
  };
