import { projectsInSight } from '../../contracts/permissions.js';
import type { Commands } from '../../platform/command/commands.js';
import { readerFor } from '../../platform/database/scope.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { Tails } from '../../platform/server/tails.js';
import type { DeploymentCommands } from './deployment/deployment.commands.js';
import { createLoaders, type Loaders, type Reader } from './loaders.js';

/** What models' resolvers get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly tails: Tails;
  readonly reader: Reader;
  readonly deployments: DeploymentCommands;
  readonly loaders: Loaders;
  /** Drops what the loaders have read: the next event of a feed must not see what the last one saw. */
  forget(): void;
}

export function createContext(
  { commands, deadLetters, storeFor, tails, database }: Spine,
  deployments: DeploymentCommands,
  call: SubgraphCall,
): Context {
  const reader = readerFor(database.prisma, projectsInSight(call.principal));
  let loaders = createLoaders(reader);
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store: storeFor(reader),
    tails,
    reader,
    deployments,
    get loaders() {
      return loaders;
    },
    forget: () => void (loaders = createLoaders(reader)),
  };
}
