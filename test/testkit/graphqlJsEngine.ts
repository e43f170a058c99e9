import {
  execute,
  getOperationAST,
  parse,
  printSchema,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { Engine, GraphQLRequest, TextResult } from '../../gateway/engine.js';
import type { CallContext } from '../../gateway/transports/transport.js';

/**
 * graphql-js as the gateway's engine, for tests of what is around the engine. Resolvers get the call as their context;
 * a mutation that sets `written` in its context value reports it as positions.
 */
export function createGraphQLJsEngine(schema: GraphQLSchema): Engine {
  const toText = (result: ExecutionResult, positions: Record<string, string> = {}): TextResult => ({
    text: JSON.stringify(result),
    ok: result.data !== undefined,
    positions,
  });

  function prepare({ query }: GraphQLRequest): DocumentNode | readonly GraphQLError[] {
    try {
      const document = parse(query);
      const errors = validate(schema, document);
      return errors.length > 0 ? errors : document;
    } catch (error) {
      return [error as GraphQLError];
    }
  }

  const argumentsFor = (document: DocumentNode, request: GraphQLRequest, contextValue: unknown) => ({
    schema,
    document,
    contextValue,
    operationName: request.operationName ?? null,
    variableValues: request.variables ?? null,
  });

  return {
    apiSdl: printSchema(schema),
    operationKind(request) {
      const document = prepare(request);
      if ('length' in document) return 'invalid';
      return getOperationAST(document, request.operationName)?.operation ?? 'invalid';
    },
    async execute(request, call) {
      const document = prepare(request);
      if ('length' in document) return toText({ errors: document });
      const context: TestContext = { ...call, written: {} };
      return toText(await execute(argumentsFor(document, request, context)), context.written);
    },
    async *subscribe(request, call) {
      const document = prepare(request);
      if ('length' in document) return yield toText({ errors: document });
      const events = await subscribe(argumentsFor(document, request, call));
      if (!(Symbol.asyncIterator in events)) return yield toText(events);
      for await (const event of events) yield toText(event);
    },
    reload: () => Promise.reject(new Error('This engine has one schema')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export type TestContext = CallContext & { written: Record<string, string> };
