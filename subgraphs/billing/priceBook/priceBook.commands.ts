import { ulid } from 'ulid';
import type { CommandAnswer, CommandRequest, Commands } from '../../../platform/command/commands.js';
import { nameTaken, notFound } from '../../../platform/errors.js';
import { type CreatePriceBook, decideActivatePriceBook, decideCreatePriceBook } from './priceBook.js';
import { priceBookAggregate } from './priceBook.projection.js';
import { findPriceBookNamed, type PriceBookEntity } from './priceBook.repository.js';

export type NewPriceBook = Omit<CreatePriceBook, 'id' | 'effectiveFrom'> & {
  /** Null for now. */
  effectiveFrom: Date | null;
};

/** Stores a draft. Names are unique. */
export function createPriceBook(
  commands: Commands,
  request: CommandRequest,
  { effectiveFrom, ...book }: NewPriceBook,
): Promise<CommandAnswer<PriceBookEntity>> {
  return commands.execute(request, async (unit) => {
    const id = `pricebook_${ulid()}`;
    const from = (effectiveFrom ?? unit.now).toISOString();
    const events = decideCreatePriceBook({ ...book, id, effectiveFrom: from });
    if (await findPriceBookNamed(unit.tx, book.name)) throw nameTaken('price book', book.name);
    return unit.save(priceBookAggregate, await unit.load(priceBookAggregate, id), events, null);
  });
}

/** From now on, or from its later `effectiveFrom`, the book counts. */
export function activatePriceBook(
  commands: Commands,
  request: CommandRequest,
  { id, expectedVersion }: { id: string; expectedVersion?: number | null },
): Promise<CommandAnswer<PriceBookEntity>> {
  return commands.execute(request, async (unit) => {
    const book = await unit.load(priceBookAggregate, id, expectedVersion ?? null);
    if (!book.state) throw notFound('PriceBook', id);
    const events = decideActivatePriceBook(id, book.state, unit.now);
    return unit.save(priceBookAggregate, book, events, null);
  });
}
