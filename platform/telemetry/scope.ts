import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';

/** What a piece of work belongs to, as the log names it. */
export interface RequestIds {
  readonly requestId: string;
  readonly correlationId: string;
}

const REQUEST = createContextKey('request');
const storage = new AsyncLocalStorage<Context>();

/** What runs now belongs to; handed on through promises, timers and callbacks. */
export const activeContext = (): Context => storage.getStore() ?? ROOT_CONTEXT;

export const runWithin = <Result>(scope: Context, work: () => Result): Result => storage.run(scope, work);

/** Runs the work as part of a request: what it logs carries the request's ids. */
export function withinRequest<Result>({ requestId, correlationId }: RequestIds, work: () => Result): Result {
  const ids: RequestIds = { requestId, correlationId };
  return storage.run(activeContext().setValue(REQUEST, ids), work);
}

/** The ids that a line logged now carries. */
export function idsForLog(): Partial<RequestIds> & { traceId?: string; spanId?: string } {
  const scope = storage.getStore();
  if (!scope) return {};
  const span = trace.getSpanContext(scope);
  return {
    ...(scope.getValue(REQUEST) as RequestIds | undefined),
    ...(span && { traceId: span.traceId, spanId: span.spanId }),
  };
}

/** The same scopes for whatever else uses OpenTelemetry's API. */
export const contextManager: ContextManager = {
  active: activeContext,
  with: (scope, work, self, ...args) =>
    storage.run(scope, () => Reflect.apply(work, self, args) as ReturnType<typeof work>),
  bind: (_scope, target) => target,
  enable: () => contextManager,
  disable: () => contextManager,
};
