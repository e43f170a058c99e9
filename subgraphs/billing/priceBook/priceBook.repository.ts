import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { PriceBookState } from './priceBook.js';

export type PriceBookEntity = Existing<PriceBookState>;

type Reader = Pick<Transaction, 'priceBook'>;

/** Newest first. `after` is the id of the last book of the page before. */
export async function readPriceBooks(
  reader: Reader,
  page: { take: number; after: string | null },
): Promise<PriceBookEntity[]> {
  const rows = await reader.priceBook.findMany({
    where: page.after === null ? {} : { id: { lt: page.after } },
    orderBy: { id: 'desc' },
    take: page.take,
  });
  return rows.map((row) => toExisting<PriceBookState>(row));
}

export async function readPriceBooksByIds(
  reader: Reader,
  ids: readonly string[],
): Promise<PriceBookEntity[]> {
  const rows = await reader.priceBook.findMany({ where: { id: { in: [...ids] } } });
  return rows.map((row) => toExisting<PriceBookState>(row));
}

export async function findPriceBookNamed(reader: Reader, name: string): Promise<PriceBookEntity | null> {
  const row = await reader.priceBook.findFirst({ where: { name } });
  return row && toExisting<PriceBookState>(row);
}

/** The book that counts at a time; null before the first. */
export async function findPriceBookInForce(reader: Reader, at: Date): Promise<PriceBookEntity | null> {
  const row = await reader.priceBook.findFirst({
    where: { inForceFrom: { lte: at } },
    orderBy: [{ inForceFrom: 'desc' }, { id: 'desc' }],
  });
  return row && toExisting<PriceBookState>(row);
}
