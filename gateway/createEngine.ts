import { PublicError } from '../platform/errors.js';
import type { Engine, EngineOptions, GraphQLRequest, TextResult } from './engine.js';
import type { Operation } from './executor/compileOperation.js';
import { createExecution, type Execution } from './executor/execution.js';
import { refusal, requestFaults, type RequestError } from './executor/requestErrors.js';
import { refusalText, runOperation } from './executor/runOperation.js';
import { subscribeOperation } from './executor/subscribe.js';
import { readVariables } from './executor/variables.js';
import { planRecent, planRequired } from './planAhead.js';
import { serveSupergraph, type ServedSupergraph } from './servedSupergraph.js';
import { openSubscription } from './subscription.js';
import { createTransportPool } from './transportPool.js';
import type { CallContext } from './transports/transport.js';

/** Starts the planner and connects the subgraphs. Fails when the supergraph cannot be served. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const pool = createTransportPool(options.connect);
  const report = options.report ?? (() => undefined);
  const documents = options.documents ?? [];
  let served = await serve(options.supergraphSdl);
  const retiring = new Set<Promise<void>>();

  /** Ready to answer from the first request on. */
  async function serve(supergraphSdl: string): Promise<ServedSupergraph> {
    const next = await serveSupergraph(supergraphSdl, options, pool);
    try {
      await planRequired(next, documents);
      return next;
    } catch (error) {
      await next.retire();
      throw error;
    }
  }

  function retire(old: ServedSupergraph): void {
    const ended = old.retire().finally(() => retiring.delete(ended));
    retiring.add(ended);
  }

  /** What is needed to run a request, or why it cannot run. */
  async function ready(request: GraphQLRequest, call: CallContext, on: ServedSupergraph) {
    const prepared = on.prepare(request.query, request.operationName);
    if ('errors' in prepared) return prepared;
    const read = readVariables(on.supergraph.api, prepared.variableDefinitions, request.variables);
    if ('errors' in read) return read;
    let operation: Operation;
    const planned = on.usePlanner();
    try {
      operation = await prepared.operation(read.variables);
    } catch (error) {
      if (error instanceof PublicError) return { errors: refusal(error) };
      throw error;
    } finally {
      planned();
    }
    return { operation, run: { transports: on.transports, call, variables: read.variables, report } };
  }

  return {
    get apiSdl() {
      return served.supergraph.apiSdl;
    },
    operationKind({ query, operationName }) {
      const prepared = served.prepare(query, operationName);
      return 'errors' in prepared ? 'invalid' : prepared.kind;
    },
    async execute(request, call) {
      const on = served;
      const leave = on.use();
      try {
        const result = await ready(request, call, on);
        if ('errors' in result) return refused(result.errors);
        if (result.operation.kind === 'subscription') return refused(notAnswerable());
        const execution: Execution = createExecution(result.run);
        const text = await runOperation(result.operation, execution);
        return { text, ok: true, positions: execution.positions };
      } finally {
        leave();
      }
    },
    subscribe(request, call) {
      return openSubscription(async () => {
        const on = served;
        const close = on.use();
        try {
          const result = await ready(request, call, on);
          if ('errors' in result) return { answers: result, close };
          const { operation, run } = result;
          const isAnswerable = operation.kind === 'subscription';
          return { answers: isAnswerable ? subscribeOperation(operation, run) : withoutEvents(), close };
        } catch (error) {
          close();
          throw error;
        }
      });
    },
    async reload(supergraphSdl) {
      const next = await serve(supergraphSdl);
      await planRecent(served, next);
      retire(served);
      served = next;
    },
    async [Symbol.asyncDispose]() {
      retire(served);
      await Promise.all(retiring);
    },
  };
}

const refused = (errors: readonly RequestError[]): TextResult => ({
  text: refusalText(errors),
  ok: false,
  positions: {},
});

const notAnswerable = () =>
  requestFaults('OPERATION_RESOLUTION_FAILURE', [new Error('A subscription has no single answer.')]);

const withoutEvents = () => ({
  errors: requestFaults('OPERATION_RESOLUTION_FAILURE', [new Error('Only a subscription has events.')]),
});
