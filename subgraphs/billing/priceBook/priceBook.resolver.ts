import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Permission } from '../../../contracts/permissions.js';
import { forbidden } from '../../../platform/errors.js';
import { paginate } from '../../../platform/graphql/connection.js';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { activatePriceBook, createPriceBook } from './priceBook.commands.js';
import { ActivatePriceBookInput, CreatePriceBookInput } from './priceBook.inputs.js';
import { priceBookAggregate } from './priceBook.projection.js';
import { findPriceBookInForce, readPriceBooks } from './priceBook.repository.js';
import {
  ActivatePriceBookPayload,
  CreatePriceBookPayload,
  PriceBook,
  PriceBookConnection,
  toPriceBook,
} from './priceBook.type.js';

const WRITE = 'priceBook:write' satisfies Permission;

/** Prices are no secret: everybody who may use the graph may see them. */
@Resolver(() => PriceBook)
export class PriceBookResolver {
  @Query(() => PriceBook, { nullable: true, description: 'One price book, as it is or as it was.' })
  async priceBook(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The time to look back to; left out, now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<PriceBook | null> {
    if (!asOf) return visiblePriceBook(id, context);
    const past = await context.store.load(priceBookAggregate, id, { until: asOf.toISOString() });
    const { state, ...entity } = past;
    return state && toPriceBook({ ...entity, state });
  }

  @Query(() => PriceBookConnection, { description: 'All price books, drafts too, newest first.' })
  priceBooks(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() { reader }: Context,
  ) {
    return paginate(
      { first, after: after ?? null },
      {
        read: (page) => readPriceBooks(reader, page),
        key: ({ id }) => id,
        toNode: toPriceBook,
        count: () => reader.priceBook.count(),
      },
    );
  }

  @Query(() => PriceBook, { nullable: true, description: 'The price book that counts now, or at a time.' })
  async activePriceBook(
    @Arg('at', () => DateTime, { nullable: true, description: 'The time; left out, now.' })
    at: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<PriceBook | null> {
    const book = await findPriceBookInForce(context.reader, at ?? (await context.now()));
    return book && toPriceBook(book);
  }

  @Mutation(() => CreatePriceBookPayload, {
    description:
      'Stores a new version of the prices as a draft. Refused with `NAME_TAKEN` if its name is taken.',
  })
  async createPriceBook(
    @Arg('input', () => CreatePriceBookInput, { description: 'The prices.' }) input: CreatePriceBookInput,
    @Ctx() context: Context,
  ): Promise<CreatePriceBookPayload> {
    checkMayWrite(context);
    const { name, currency, effectiveFrom = null, source, isExample } = input;
    const rates = input.rates.map(({ gpuModelId, perHour }) => ({ gpuModelId, perHour }));
    const request = commandRequest(context, 'createPriceBook', input);
    const book = { name, currency, effectiveFrom, source, isExample, rates };
    const answer = await createPriceBook(context.commands, request, book);
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, priceBook: toPriceBook(result) };
  }

  @Mutation(() => ActivatePriceBookPayload, {
    description:
      'Lets a draft count, from now or from its later `effectiveFrom` on. What was used before keeps its price. Refused with `ILLEGAL_TRANSITION` if it was activated before.',
  })
  async activatePriceBook(
    @Arg('input', () => ActivatePriceBookInput, { description: 'Which one.' }) input: ActivatePriceBookInput,
    @Ctx() context: Context,
  ): Promise<ActivatePriceBookPayload> {
    checkMayWrite(context);
    const request = commandRequest(context, 'activatePriceBook', input);
    const answer = await activatePriceBook(context.commands, request, input);
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, priceBook: toPriceBook(result) };
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { status }: PriceBook, @Ctx() { principal }: Context): AvailableAction[] {
    const reason = whyNotActivate(status, may(principal, WRITE));
    const resultingState = reason === null ? 'ACTIVATED' : null;
    return [{ action: 'activatePriceBook', allowed: reason === null, reason, resultingState }];
  }
}

export const priceBookReference = ({ id }: { id: string }, context: Context) => visiblePriceBook(id, context);

async function visiblePriceBook(id: string, { loaders }: Context): Promise<PriceBook | null> {
  const book = await loaders.priceBook.load(id);
  return book && toPriceBook(book);
}

function checkMayWrite({ principal }: Context): void {
  if (!may(principal, WRITE)) throw forbidden(WRITE);
}

function whyNotActivate(status: PriceBook['status'], mayWrite: boolean): string | null {
  if (status === 'ACTIVATED') return 'It was activated before.';
  return mayWrite ? null : `You lack the right ${WRITE}.`;
}
