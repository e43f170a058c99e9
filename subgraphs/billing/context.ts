import { projectsInSight } from '../../contracts/permissions.js';
import type { Commands } from '../../platform/command/commands.js';
import { readerFor } from '../../platform/database/scope.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { Tails } from '../../platform/server/tails.js';
import { createLoaders, type Loaders, type Reader } from './loaders.js';
import type { CostMeters } from './ticker/costMeters.js';
import type { PriceTimeline } from './usage/rating.js';
import { readPricesNow } from './usage/usage.repository.js';

/** What billing's resolvers get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly tails: Tails;
  readonly meters: CostMeters;
  readonly reader: Reader;
  readonly loaders: Loaders;
  /** The database's time, the same for the whole request, so that what is added up was measured at one moment. */
  readonly now: () => Promise<Date>;
  readonly prices: () => Promise<PriceTimeline>;
}

export function createContext(
  { commands, deadLetters, storeFor, tails, database }: Spine,
  meters: CostMeters,
  call: SubgraphCall,
): Context {
  const reader = readerFor(database.prisma, projectsInSight(call.principal));
  const moment = once(() => readPricesNow(reader));
  const now = async () => (await moment()).now;
  const prices = async () => (await moment()).prices;
  const loaders = createLoaders({ reader, system: database.prisma, now });
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store: storeFor(reader),
    tails,
    meters,
    reader,
    loaders,
    now,
    prices,
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let first: Promise<T> | undefined;
  return () => (first ??= read());
}
