import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import {
  createSourceEventStream,
  execute,
  type ExecutionResult,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { formatSubscriptionError } from './subscriptionErrors.js';
import { maskError } from '../graphql/maskedErrors.js';
import type { RequestContext, SubgraphCall } from '../graphql/requestContext.js';
import type { Log } from '../telemetry/log.js';
import { answering, streaming } from './answering.js';

export interface SubgraphOperation {
  readonly document: string;
  readonly variables: Record<string, unknown>;
}

export interface SubgraphResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly {
    message: string;
    path?: readonly (string | number)[];
    extensions?: Record<string, unknown>;
  }[];
  extensions?: { positions?: Record<string, string> };
}

/**
 * A subgraph that runs, however it is reached: in process directly, over HTTP behind the same two functions. So one set
 * of masks and contexts holds in both.
 */
export interface Subgraph extends AsyncDisposable {
  readonly name: string;
  execute(operation: SubgraphOperation, call: SubgraphCall): Promise<SubgraphResponse>;
  subscribe(operation: SubgraphOperation, call: SubgraphCall): AsyncIterableIterator<SubgraphResponse>;
}

export async function createSubgraph<Context extends RequestContext>(options: {
  name: string;
  schema: GraphQLSchema;
  /** Called once per request, and once per event of a subscription. Waits for read-your-writes itself. */
  createContext: (call: SubgraphCall) => Promise<Context>;
  log: Log;
}): Promise<Subgraph> {
  const { name, schema, createContext } = options;
  const report = (error: unknown, errorId: string) =>
    options.log.error({ error, errorId, subgraph: name }, 'masked error');
  const server = new ApolloServer<Context>({
    schema,
    formatError: (formatted, error) => maskError(formatted, error, report),
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    csrfPrevention: false,
    introspection: true,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  await server.start();

  return {
    name,
    execute: ({ document, variables }, call) =>
      answering(call, { name, document }, async () => {
        const contextValue = await createContext(call);
        const { written } = contextValue;
        const { body } = await server.executeOperation<Record<string, unknown>>(
          { query: document, variables },
          { contextValue },
        );
        if (body.kind !== 'single') throw new Error('Incremental delivery is not offered');
        const { data, errors } = body.singleResult;
        return {
          ...(data !== undefined && { data }),
          ...(errors && { errors }),
          ...(written.position !== null && {
            extensions: { positions: { [name]: String(written.position) } },
          }),
        };
      }),
    subscribe(operation, call) {
      const stop = new AbortController();
      const signal = AbortSignal.any([call.signal, stop.signal]);
      const events = run(schema, operation, () => createContext({ ...call, signal }), report);
      // A generator's own return() waits for the event that it waits for: the signal ends that wait.
      return {
        next: () => streaming(call, () => events.next()),
        return: () => {
          stop.abort();
          return events.return(undefined);
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Every event gets a context of its own: what a loader has cached must not outlive the event that asked for it. */
async function* run<Context>(
  schema: GraphQLSchema,
  { document, variables }: SubgraphOperation,
  createContext: () => Promise<Context>,
  report: (error: unknown, id: string) => void,
): AsyncGenerator<SubgraphResponse> {
  const mask = (answer: ExecutionResult) => formatSubscriptionError(answer, report);
  const parsed = parse(document, { noLocation: true });
  const faults = validate(schema, parsed);
  if (faults.length > 0) return yield mask({ errors: faults });
  const operation = { schema, document: parsed, variableValues: variables };
  const source = await createSourceEventStream({ ...operation, contextValue: await createContext() });
  if (!(Symbol.asyncIterator in source)) return yield mask(source);
  for await (const rootValue of source)
    yield mask(await execute({ ...operation, rootValue, contextValue: await createContext() }));
}
