import type { Commands } from '../../platform/command/commands.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import { createLoaders, type Loaders, type Reader } from './loaders.js';

/** What scheduling's resolvers get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly reader: Reader;
  readonly loaders: Loaders;
}

export function createContext(
  { commands, deadLetters, store, database }: Spine,
  call: SubgraphCall,
): Context {
  const reader: Reader = database.prisma;
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store,
    reader,
    loaders: createLoaders(reader),
  };
}
