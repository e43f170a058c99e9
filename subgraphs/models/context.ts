import type { Commands } from '../../platform/command/commands.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { Spine } from '../../platform/server/spine.js';
import { createLoaders, type Loaders, type Reader } from './loaders.js';

/** What models' resolvers get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly store: EventStore;
  readonly reader: Reader;
  readonly loaders: Loaders;
}

export function createContext({ commands, store, database }: Spine, call: SubgraphCall): Context {
  const reader: Reader = database.prisma;
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    store,
    reader,
    loaders: createLoaders(reader),
  };
}
