import type { CommandRequest, Commands } from '../../../platform/command/commands.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { EXAMPLE_PRICE_BOOK } from './example-2026-11.js';
import { activatePriceBook, createPriceBook } from './priceBook.commands.js';

/** Creates and activates the example price book, so that a new installation has prices. A repeat changes nothing. */
export async function bootstrapPrices(commands: Commands): Promise<void> {
  const { result: book } = await createPriceBook(commands, requestFor('createPriceBook'), EXAMPLE_PRICE_BOOK);
  await activatePriceBook(commands, requestFor('activatePriceBook'), { id: book.id });
}

function requestFor(name: string): CommandRequest {
  const key = `bootstrap:${EXAMPLE_PRICE_BOOK.name}`;
  return {
    name,
    principal: systemPrincipal('billing-bootstrap'),
    requestId: key,
    correlationId: key,
    idempotencyKey: key,
    input: EXAMPLE_PRICE_BOOK.name,
  };
}
