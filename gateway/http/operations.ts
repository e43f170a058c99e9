import type { SpanContext } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { unauthenticated } from '../../platform/identity/errors.js';
import type { Log } from '../../platform/telemetry/log.js';
import { identify, type Authenticate, type Credentials, type Identity } from '../auth/identity.js';
import type { Engine, GraphQLRequest } from '../engine.js';
import { deadlineExceeded } from '../errors.js';
import type { Limits } from '../limits/limits.js';
import type { AdmittedRequest, Dispatch, Receive } from './dispatch.js';
import { toPublicError } from './errors.js';
import { type KnownOperations, nameOf, type Observed, observeOperation, outcomeOf } from './observed.js';
import { createPositionMemory, newest, type Positions } from './positions.js';

export interface OperationsOptions {
  readonly engine: Engine;
  readonly dispatch: Dispatch;
  readonly authenticate: Authenticate;
  /** Asked anew for every request, as a new supergraph brings new limits. */
  readonly limits: () => Limits;
  /** Whether callers without credentials may ask what the API looks like. */
  readonly allowAnonymousIntrospection: boolean;
  /** Queries and mutations that take longer are aborted, down to the subgraphs. */
  readonly requestTimeoutMs: number;
  /** The names of operations that metrics tell apart. */
  readonly knownOperations: KnownOperations;
  readonly log: Log;
}

/** A request that may run, and what must travel with it. */
export interface Operation extends AdmittedRequest {
  readonly identity: Identity | null;
  readonly requestId: string;
  readonly correlationId: string;
  /** What the caller says to have written elsewhere. */
  readonly positions: Positions;
  /** The caller's span, where no HTTP request's span is between. */
  readonly parent?: SpanContext | null;
}

export interface Admission extends AdmittedRequest {
  readonly metaOnly: boolean;
}

export interface Running {
  /** Settles when the operation is over. Fails with a `PublicError`, whatever the reason. */
  readonly done: Promise<void>;
  readonly stop: () => void;
}

/**
 * The one door to the graph. Whatever the protocol, a request is identified, admitted and started here, so that the
 * same authentication and limits hold everywhere.
 */
export function createOperations(options: OperationsOptions) {
  const { engine, dispatch, authenticate, limits, allowAnonymousIntrospection, requestTimeoutMs, log } =
    options;
  const { knownOperations } = options;
  const memory = createPositionMemory();

  return {
    /** Null for a caller without credentials. Refuses wrong ones. */
    identify: (credentials: Credentials): Promise<Identity | null> => identify(authenticate, credentials),

    /** Refuses what is too complex, and callers without credentials unless they only ask what the API looks like. */
    admit(request: GraphQLRequest, identity: Identity | null): Admission {
      const inspection = limits().inspect(request);
      const kind = engine.operationKind(request);
      const metaOnly = inspection?.metaOnly ?? false;
      const isPublic = allowAnonymousIntrospection && (metaOnly || kind === 'invalid');
      if (!identity && !isPublic) throw unauthenticated('missing');
      return { request, kind, metaOnly };
    },

    start(operation: Operation, receive: Receive): Running {
      const controller = new AbortController();
      const run = async (observed: Observed) => {
        const { kind, identity, requestId } = operation;
        const started = performance.now();
        const timer =
          kind === 'subscription'
            ? undefined
            : setTimeout(() => controller.abort(deadlineExceeded()), requestTimeoutMs);
        let results = 0;
        try {
          await dispatch(
            operation,
            callOf(operation, memory.of(identity?.id ?? ''), controller.signal),
            (result) => {
              results++;
              observed.outcome = outcomeOf(result);
              if (identity && Object.keys(result.positions).length > 0)
                memory.remember(identity.id, result.positions);
              return receive(result);
            },
          );
        } catch (error) {
          throw toPublicError(error, requestId, log);
        } finally {
          clearTimeout(timer);
          log.info(
            { ...describe(operation), results, ms: Math.round(performance.now() - started) },
            'operation',
          );
        }
      };
      return { done: observeOperation(operation, knownOperations, run), stop: () => controller.abort() };
    },
  };
}

export type Operations = ReturnType<typeof createOperations>;

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The id that the caller sent, if it is one that can be logged as it is, or a new one. */
export const requestIdFrom = (header: string | string[] | undefined): string =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : randomUUID();

const callOf = (
  { identity, requestId, correlationId, positions }: Operation,
  written: Positions,
  signal: AbortSignal,
) => ({
  principal: identity?.principal ?? null,
  requestId,
  correlationId,
  positions: newest(written, positions),
  signal,
});

const describe = ({ request, kind, identity, requestId }: Operation) => ({
  requestId,
  kind,
  operation: nameOf(request),
  caller: identity?.id ?? null,
});
