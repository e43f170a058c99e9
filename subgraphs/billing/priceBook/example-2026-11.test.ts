import { expect, test } from 'vitest';
import { gpuCatalogue } from '../../../contracts/gpuCatalogue.js';
import { EXAMPLE_PRICE_BOOK } from './example-2026-11.js';
import { decideCreatePriceBook } from './priceBook.js';

test('the example prices models of the catalogue, each once, and says what they are', () => {
  const known = gpuCatalogue.map(({ id }) => id);
  for (const { gpuModelId } of EXAMPLE_PRICE_BOOK.rates) expect(known).toContain(gpuModelId);
  const effectiveFrom = '2026-11-01T00:00:00.000Z';
  const [created] = decideCreatePriceBook({ ...EXAMPLE_PRICE_BOOK, id: 'pricebook_1', effectiveFrom });
  expect(created?.data).toMatchObject({ isExample: true, source: expect.stringContaining('Not a quote') });
});
