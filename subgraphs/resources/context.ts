import { projectsInSight } from '../../contracts/permissions.js';
import type { Commands } from '../../platform/command/commands.js';
import { readerFor } from '../../platform/database/scope.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Admission } from './admission/admission.gate.js';
import type { AllocationRepository } from './allocation/allocation.repository.js';
import type { InstanceCommands } from './instance/instance.commands.js';
import type { Logs } from './logs/logs.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { Metrics } from './metrics/metrics.js';
import { createRepositories, type Repositories } from './repositories.js';

/** What the resolvers of resources get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly tails: Tails;
  readonly repositories: Repositories;
  /** Who has which device, whoever it is: what a viewer of the fleet must not know of them is left out afterwards. */
  readonly occupants: Pick<AllocationRepository, 'openOfGpus' | 'during'>;
  readonly admission: Admission;
  readonly instanceCommands: InstanceCommands;
  readonly metrics: Metrics;
  readonly logs: Logs;
  readonly loaders: Loaders;
  /** Drops what the loaders have read: the next event of a feed must not see what the last one saw. */
  forget(): void;
}

export type Parts = {
  readonly spine: Spine;
  /** What is read for nobody in particular. */
  readonly system: Repositories;
  readonly admission: Admission;
  readonly instanceCommands: InstanceCommands;
  readonly metrics: Metrics;
  readonly logs: Logs;
};

export function createContext(call: SubgraphCall, parts: Parts): Context {
  const { spine, system, admission, instanceCommands, metrics, logs } = parts;
  const { commands, deadLetters, tails, database } = spine;
  const reader = readerFor(database.prisma, projectsInSight(call.principal));
  // Who sees the fleet sees that a device is taken, whoever has it.
  const repositories = { ...createRepositories({ prisma: reader }), fleet: system.fleet };
  const occupants = system.allocations;
  const fresh = () => createLoaders({ reader, system: database.prisma, repositories, occupants });
  let loaders = fresh();
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store: spine.storeFor(reader),
    tails,
    repositories,
    occupants,
    admission,
    instanceCommands,
    metrics,
    logs,
    get loaders() {
      return loaders;
    },
    forget: () => void (loaders = fresh()),
  };
}
