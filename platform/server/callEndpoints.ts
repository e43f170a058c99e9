import { SpanKind } from '@opentelemetry/api';
import { parentIn, traced } from '../telemetry/tracing.js';
import { type Endpoint, parseJson, refusePeople } from './endpoint.js';
import { badRequest } from './requestErrors.js';

/** The functions that a context offers to others; arguments and results are JSON. */
export type InternalCalls = object;

export const callPath = (name: string): string => `/internal/calls/${name}`;

/** An endpoint for each function, by its path. The body is the list of arguments. */
export const createCallEndpoints = (calls: InternalCalls): Record<string, Endpoint> =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      callPath(name),
      endpointOf(name, call as (...args: unknown[]) => Promise<unknown>),
    ]),
  );

const endpointOf = (name: string, call: (...args: unknown[]) => Promise<unknown>): Endpoint => ({
  method: 'POST',
  async answer(request) {
    refusePeople(request);
    const args = parseJson(request.body);
    if (!Array.isArray(args)) throw badRequest('The body is no list of arguments');
    const span = { kind: SpanKind.SERVER, parent: parentIn(request.headers) };
    return { result: await traced(`call ${name}`, span, () => call(...(args as unknown[]))) };
  },
});
