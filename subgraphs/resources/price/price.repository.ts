import type { Database, Transaction } from '../../../platform/database/database.js';

/** The prices that count now. `rates` are decimal text per GPU and hour, by catalogue id. */
export type Prices = { version: string; currency: string; rates: Readonly<Record<string, string>> };

type Reader = Database['prisma'] | Transaction;

/** The activated book that came into force last, by the database's clock; null before there is one. */
export async function readPrices(reader: Reader): Promise<Prices | null> {
  const books = await reader.$queryRaw<Prices[]>`
    SELECT name AS version, currency, rates FROM resources.known_price_book
    WHERE in_force_from <= clock_timestamp() ORDER BY in_force_from DESC, id DESC LIMIT 1`;
  return books[0] ?? null;
}
