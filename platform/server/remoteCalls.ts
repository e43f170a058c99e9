import { SpanKind } from '@opentelemetry/api';
import { tracedWithin } from '../telemetry/tracing.js';
import { callPath, type InternalCalls } from './callEndpoints.js';
import type { Peer } from './peer.js';

/** The functions that another context offers, to be called like those of an object in this process. */
export const createRemoteCalls = <Calls extends InternalCalls>(
  peer: Peer,
  /** Every function by name; the type sees to it that none is missing. */
  names: Readonly<Record<keyof Calls & string, true>>,
): Calls =>
  Object.fromEntries(
    Object.keys(names).map((name) => [
      name,
      (...args: unknown[]) =>
        tracedWithin(`call ${name}`, { kind: SpanKind.CLIENT }, async () => {
          const { result } = (await peer.post(callPath(name), args)) as { result?: unknown };
          return result;
        }),
    ]),
  ) as Calls;
