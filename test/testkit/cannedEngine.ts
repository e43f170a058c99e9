import { createEngine } from '../../gateway/createEngine.js';
import type { EngineOptions } from '../../gateway/engine.js';
import type { MaskedError } from '../../gateway/executor/execution.js';
import { createInProcessTransport, type LocalSubgraph } from '../../gateway/transports/inProcess.js';
import type { CallContext, SubgraphResponse } from '../../gateway/transports/transport.js';
import { compose } from '../federation/merged/federation.js';
import { startLocalPlanner } from '../federation/merged/localPlanner.js';

export const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@external", "@provides", "@shareable", "@interfaceObject"])';

/** One call that a subgraph has received. */
export interface ReceivedCall {
  readonly subgraph: string;
  readonly document: string;
  readonly variables: Record<string, unknown>;
  readonly call: CallContext;
}

export interface CannedSubgraph {
  readonly sdl: string;
  /** Answers a query or mutation. */
  readonly answer?: (received: ReceivedCall) => SubgraphResponse | Promise<SubgraphResponse>;
  readonly events?: (received: ReceivedCall) => AsyncIterableIterator<SubgraphResponse>;
}

/** An engine over subgraphs whose answers a test writes down, with everything that they were asked. */
export async function startCannedEngine(
  subgraphs: Readonly<Record<string, CannedSubgraph>>,
  options: Partial<EngineOptions> = {},
) {
  const received: ReceivedCall[] = [];
  const masked: MaskedError[] = [];
  const closed: string[] = [];

  const local = (subgraph: string): LocalSubgraph => ({
    execute: async ({ document, variables }, call) => {
      const one = { subgraph, document, variables, call };
      received.push(one);
      return (await subgraphs[subgraph]?.answer?.(one)) ?? {};
    },
    subscribe: ({ document, variables }, call) => {
      const events = subgraphs[subgraph]?.events;
      if (!events) throw new Error(`${subgraph} has no events`);
      return events({ subgraph, document, variables, call });
    },
  });
  const supergraphSdl = compose(
    Object.fromEntries(Object.entries(subgraphs).map(([name, { sdl }]) => [name, `${LINK} ${sdl}`])),
  );
  const engine = await createEngine({
    supergraphSdl,
    startPlanner: startLocalPlanner,
    report: (error) => masked.push(error),
    connect: ({ name }) => ({
      ...createInProcessTransport(local(name)),
      [Symbol.asyncDispose]: () => Promise.resolve(void closed.push(name)),
    }),
    ...options,
  });

  return {
    engine,
    received,
    masked,
    /** Subgraphs whose transports were closed. */
    closed,
    supergraphSdl,
    async ask(query: string, variables: Record<string, unknown> = {}, call: Partial<CallContext> = {}) {
      const result = await engine.execute({ query, variables }, callContext(call));
      return { ...result, ...(JSON.parse(result.text) as Answer) };
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly AnswerError[];
}

interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    code: string;
    hint?: string;
    retryable?: boolean;
    details?: Record<string, unknown>;
  };
}

export const callContext = (given: Partial<CallContext> = {}): CallContext => ({
  principal: null,
  requestId: 'request',
  correlationId: 'correlation',
  positions: {},
  signal: new AbortController().signal,
  ...given,
});

/** The paths of the errors, in one line each. */
export const pathsOf = ({ errors = [] }: Answer) => errors.map(({ path }) => path?.join('.'));
