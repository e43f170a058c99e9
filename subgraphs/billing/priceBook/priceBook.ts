import type { PriceBookEvent } from '../../../contracts/billing.events.js';
import { badUserInput, illegalTransition, type InputFault } from '../../../platform/errors.js';
import { CURRENCY, Decimal } from '../money.js';

export type Rate = { gpuModelId: string; perHour: string };

export type PriceBookState = {
  /** What estimates and costs quote as the price book version. */
  name: string;
  currency: string;
  effectiveFrom: string;
  source: string;
  isExample: boolean;
  rates: readonly Rate[];
  /** Null until it is activated. */
  inForceFrom: string | null;
};

export type CreatePriceBook = Omit<PriceBookState, 'inForceFrom'> & { id: string };

/** A book lists each model once, in the currency of the installation. */
export function decideCreatePriceBook({ id, name, ...book }: CreatePriceBook): PriceBookEvent[] {
  const models = book.rates.map(({ gpuModelId }) => gpuModelId);
  const faults: InputFault[] = book.rates.flatMap(({ gpuModelId }, index) =>
    models.indexOf(gpuModelId) === index
      ? []
      : [{ path: ['input', 'rates', index, 'gpuModelId'], message: 'is listed twice' }],
  );
  if (book.currency !== CURRENCY)
    faults.push({ path: ['input', 'currency'], message: `must be ${CURRENCY}` });
  if (faults.length > 0) throw badUserInput(faults);
  const rates = book.rates.map(({ gpuModelId, perHour }) => ({
    gpuModelId,
    perHour: new Decimal(perHour).toFixed(),
  }));
  return [{ type: 'PriceBookCreated', data: { id, version: name, ...book, rates } }];
}

/** Once, and never for the time before `now`. */
export function decideActivatePriceBook(id: string, book: PriceBookState, now: Date): PriceBookEvent[] {
  if (book.inForceFrom !== null) throw illegalTransition({ id, state: 'ACTIVATED' }, []);
  const inForceFrom = new Date(Math.max(now.getTime(), Date.parse(book.effectiveFrom))).toISOString();
  return [{ type: 'PriceBookActivated', data: { id, inForceFrom } }];
}

export function evolvePriceBook(state: PriceBookState | null, event: PriceBookEvent): PriceBookState {
  switch (event.type) {
    case 'PriceBookCreated': {
      const { version: name, currency, effectiveFrom, source, isExample, rates } = event.data;
      return { name, currency, effectiveFrom, source, isExample, rates, inForceFrom: null };
    }
    case 'PriceBookActivated':
      if (!state) throw new Error('A price book was activated before it was created');
      return { ...state, inForceFrom: event.data.inForceFrom };
  }
}
