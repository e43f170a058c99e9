import type { PriceBookEvent } from '../../../contracts/billing.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { evolvePriceBook, type PriceBookState } from './priceBook.js';

export const priceBookAggregate: Aggregate<PriceBookState, PriceBookEvent> = {
  kind: 'PriceBook',
  types: ['PriceBookCreated', 'PriceBookActivated'],
  evolve: evolvePriceBook,
  async project(tx, { id, state, version, createdAt, createdBy, updatedAt }) {
    const { name, inForceFrom } = state;
    const row = { version, updatedAt, state, inForceFrom };
    await tx.priceBook.upsert({
      where: { id },
      create: { id, name, createdAt, createdBy, ...row },
      update: row,
    });
  },
};
