import type { Commands } from '../../platform/command/commands.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Admission } from './admission/admission.gate.js';
import type { InstanceCommands } from './instance/instance.commands.js';
import type { Logs } from './logs/logs.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { Metrics } from './metrics/metrics.js';
import type { Repositories } from './repositories.js';

/** What the resolvers of resources get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly tails: Tails;
  readonly repositories: Repositories;
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
  readonly repositories: Repositories;
  readonly admission: Admission;
  readonly instanceCommands: InstanceCommands;
  readonly metrics: Metrics;
  readonly logs: Logs;
};

export function createContext(call: SubgraphCall, parts: Parts): Context {
  const { spine, repositories, admission, instanceCommands, metrics, logs } = parts;
  const { commands, deadLetters, store, tails, database } = spine;
  const fresh = () => createLoaders(database, repositories);
  let loaders = fresh();
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store,
    tails,
    repositories,
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
