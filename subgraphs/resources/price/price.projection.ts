import type { PriceBookEvent } from '../../../contracts/billing.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

/** Billing's price books, as far as admission and plans need them. */
export const priceProjection: Projection = {
  name: 'resources.prices',
  source: 'billing',
  apply: (tx, event) => apply(tx, event as Positioned<PriceBookEvent>),
  clear: async (tx) => void (await tx.knownPriceBook.deleteMany()),
};

async function apply(tx: Transaction, event: Positioned<PriceBookEvent>): Promise<void> {
  switch (event.type) {
    case 'PriceBookCreated': {
      const { id, version: name, currency } = event.data;
      const rates = Object.fromEntries(
        event.data.rates.map(({ gpuModelId, perHour }) => [gpuModelId, perHour]),
      );
      await tx.knownPriceBook.create({ data: { id, name, currency, rates } });
      return;
    }
    case 'PriceBookActivated': {
      const { id, inForceFrom } = event.data;
      await tx.knownPriceBook.update({ where: { id }, data: { inForceFrom: new Date(inForceFrom) } });
    }
  }
}
