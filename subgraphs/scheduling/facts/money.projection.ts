import type { BudgetEvent, PriceBookEvent } from '../../../contracts/billing.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

type KeptEvent = PriceBookEvent | Extract<BudgetEvent, { type: 'BudgetCreated' }>;

/** Billing's price books, and which projects have budgets. What is left of one, billing is asked for. */
export const moneyProjection: Projection = {
  name: 'scheduling.money',
  source: 'billing',
  apply: (tx, event) => apply(tx, event as Positioned<KeptEvent>),
  async clear(tx) {
    await tx.knownPrices.deleteMany();
    await tx.knownBudget.deleteMany();
  },
};

async function apply(tx: Transaction, event: Positioned<KeptEvent>): Promise<void> {
  switch (event.type) {
    case 'PriceBookCreated': {
      const { id, version: name, currency, rates } = event.data;
      const byModel = Object.fromEntries(rates.map(({ gpuModelId, perHour }) => [gpuModelId, perHour]));
      await tx.knownPrices.create({ data: { id, name, currency, rates: byModel } });
      return;
    }
    case 'PriceBookActivated': {
      const { id, inForceFrom } = event.data;
      await tx.knownPrices.update({ where: { id }, data: { inForceFrom: new Date(inForceFrom) } });
      return;
    }
    case 'BudgetCreated': {
      const { id, projectId } = event.data;
      await tx.knownBudget.create({ data: { id, projectId } });
    }
  }
}
