import type { SpanContext } from '@opentelemetry/api';
import type { CommandAnswer, CommandRequest } from '../command/commands.js';
import type { Position } from '../eventStore/event.js';
import type { Principal } from '../identity/principal.js';

/** One call of a subgraph, as it arrives: who asks, in which request, and what they must be able to see. */
export interface SubgraphCall {
  readonly principal: Principal;
  readonly requestId: string;
  readonly correlationId: string;
  /** The newest positions that the principal has written, by context. */
  readonly positions: Readonly<Record<string, string>>;
  /** The caller's span, if the call comes from another process and its trace is continued. */
  readonly parent?: SpanContext | null;
  readonly signal: AbortSignal;
}

/** What every resolver gets. Each subgraph adds its read side, loaders and commands. */
export interface RequestContext {
  readonly call: SubgraphCall;
  readonly principal: Principal;
  /**
   * The newest position that this request wrote; goes back to the caller for read-your-writes. In an object of its own,
   * because resolvers may be handed a copy of the context.
   */
  readonly written: { position: Position | null };
}

type MutationInput = { idempotencyKey: string; dryRun: boolean };

/** The command that a mutation asks for. The key and the dry run are no part of what must be the same in a repeat. */
export function commandRequest<Input extends MutationInput>(
  { call, principal }: RequestContext,
  name: string,
  input: Input,
): CommandRequest {
  const { idempotencyKey, dryRun, ...rest } = input;
  const { requestId, correlationId } = call;
  return {
    name,
    principal,
    requestId,
    correlationId,
    causationId: null,
    idempotencyKey,
    dryRun,
    input: rest,
  };
}

/** Remembers what the mutation wrote, so that the caller's next request sees it. */
export function noteWritten<Result>(
  context: RequestContext,
  answer: CommandAnswer<Result>,
): CommandAnswer<Result> {
  const { written } = context;
  if (answer.position !== null && (written.position === null || answer.position > written.position))
    written.position = answer.position;
  return answer;
}
