import { readResponse, variablesText } from './askSubgraph.js';
import type { Operation } from './compileOperation.js';
import { createExecution, type Execution } from './execution.js';
import { refusalText, runOperation } from './runOperation.js';
import { lossOf } from './subgraphErrors.js';

/** One answer to a subscription. `lost` is set on the last one, when the way to the subgraph was lost. */
export interface SubscriptionAnswer {
  readonly text: string;
  readonly positions: Execution['positions'];
  readonly lost: boolean;
}

/**
 * Runs the plan once for each event of the subgraph, in order, each in an execution of its own. Written by hand,
 * because the `return()` of an async generator waits for the event under way; this one reaches the subgraph at once.
 */
export function subscribeOperation(
  operation: Operation,
  request: Parameters<typeof createExecution>[0],
): AsyncIterableIterator<SubscriptionAnswer> {
  const [part] = operation.parts;
  const source = part?.source;
  if (!source) throw new Error('the plan of a subscription has no source');
  const { document, accept } = source;
  const variables = variablesText(document, createExecution(request));
  const transport = request.transports[document.subgraph];
  const events = transport?.subscribe(
    { document: document.text, variables: variables ? `{${variables}}` : null },
    request.call,
  );
  let ended = events === undefined;

  async function next(): Promise<IteratorResult<SubscriptionAnswer>> {
    if (ended || !events) return { done: true, value: undefined };
    const execution = createExecution(request);
    try {
      const event = await events.next();
      if (ended || event.done) return end();
      accept(readResponse(event.value, document, execution), execution);
    } catch (error) {
      if (ended) return { done: true, value: undefined };
      ended = true;
      const { message, extensions } = lossOf(error, document.subgraph, execution);
      return {
        done: false,
        value: { text: refusalText([{ message, extensions }]), positions: {}, lost: true },
      };
    }
    const text = await runOperation(operation, execution);
    return { done: false, value: { text, positions: execution.positions, lost: false } };
  }

  function end(): IteratorResult<SubscriptionAnswer> {
    ended = true;
    return { done: true, value: undefined };
  }

  return {
    next,
    async return() {
      end();
      await events?.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
