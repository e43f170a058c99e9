import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { CommandRequest, Commands } from '../command/commands.js';
import { forbidden, notFound } from '../errors.js';
import { may } from '../identity/principal.js';
import type { DeadLetterDesk, DeadLetterStream } from '../saga/deadLetterDesk.js';
import {
  DeadLetter,
  ReplayDeadLettersInput,
  ReplayDeadLettersPayload,
  toDeadLetter,
} from './deadLetter.type.js';
import { commandRequest, type RequestContext } from './requestContext.js';

const LIST_MAX = 100;

export type DeadLetterContext = RequestContext & {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
};

type Replayed = { readonly handled: number; readonly stream: DeadLetterStream };

/**
 * The parked events of one subgraph's process managers, for whoever has the permission: `<name>DeadLetters` and
 * `replay<Name>DeadLetters`. The names carry the subgraph's, because a root field has one owner in the graph.
 */
export function deadLetterResolver(name: string, permission: string) {
  const replayName = `replay${name.slice(0, 1).toUpperCase()}${name.slice(1)}DeadLetters`;
  const check = ({ principal }: DeadLetterContext) => {
    if (!may(principal, permission)) throw forbidden(permission);
  };

  @Resolver()
  class DeadLetterResolver {
    @Query(() => [DeadLetter], {
      name: `${name}DeadLetters`,
      description: `The events that ${name} could not handle, those first that have waited longest; at most ${LIST_MAX}. For operators.`,
    })
    async list(@Ctx() context: DeadLetterContext): Promise<DeadLetter[]> {
      check(context);
      return (await context.deadLetters.list(LIST_MAX)).map(toDeadLetter);
    }

    @Mutation(() => ReplayDeadLettersPayload, {
      name: replayName,
      description: `Handles the parked events of one stream again, in order, until one fails again. Safe to repeat: what was handled is not handled twice. For operators.`,
    })
    async replay(
      @Arg('input', () => ReplayDeadLettersInput, { description: 'Which events.' })
      input: ReplayDeadLettersInput,
      @Ctx() context: DeadLetterContext,
    ): Promise<ReplayDeadLettersPayload> {
      check(context);
      const request = commandRequest(context, replayName, input);
      const first = await context.commands.recall<Replayed>(request);
      const { handled, stream } = first?.result ?? (await replayOf(input, request, context));
      return { handled, remaining: (await context.deadLetters.ofStream(stream)).map(toDeadLetter) };
    }
  }
  return DeadLetterResolver;
}

/** The replay commits by itself, event by event; what came of it is stored with the key behind it. */
async function replayOf(
  { id, dryRun }: ReplayDeadLettersInput,
  request: CommandRequest,
  { commands, deadLetters }: DeadLetterContext,
): Promise<Replayed> {
  const letter = await deadLetters.find(id);
  if (!letter) throw notFound('DeadLetter', id);
  const { consumer, source, streamId } = letter;
  const handled = dryRun ? 0 : await deadLetters.replay(letter);
  const replayed = { handled, stream: { consumer, source, streamId } };
  return (await commands.execute(request, () => Promise.resolve(replayed))).result;
}
