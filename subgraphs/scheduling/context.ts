import { projectsInSight } from '../../contracts/permissions.js';
import type { Commands } from '../../platform/command/commands.js';
import { readerFor } from '../../platform/database/scope.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { Tails } from '../../platform/server/tails.js';
import type { JobCommands } from './job/job.commands.js';
import type { PlanJob } from './job/job.planner.js';
import { createLoaders, type Loaders, type Reader } from './loaders.js';
import type { QueueStandingOf, StandingOf } from './pass/standing.js';

/** What scheduling's resolvers get. */
export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly tails: Tails;
  readonly reader: Reader;
  readonly jobCommands: JobCommands;
  readonly planJob: PlanJob;
  readonly queueStandingOf: QueueStandingOf;
  readonly loaders: Loaders;
  /** Drops what the loaders have read: the next event of a feed must not see what the last one saw. */
  forget(): void;
}

export type Parts = {
  readonly spine: Spine;
  readonly jobCommands: JobCommands;
  readonly planJob: PlanJob;
  readonly standingOf: StandingOf;
  readonly queueStandingOf: QueueStandingOf;
};

export function createContext(call: SubgraphCall, parts: Parts): Context {
  const { spine, jobCommands, planJob, standingOf, queueStandingOf } = parts;
  const { commands, deadLetters, tails, database } = spine;
  const reader = readerFor(database.prisma, projectsInSight(call.principal));
  const fresh = () => createLoaders(reader, standingOf);
  let loaders = fresh();
  return {
    call,
    principal: call.principal,
    written: { position: null },
    commands,
    deadLetters,
    store: spine.storeFor(reader),
    tails,
    reader,
    jobCommands,
    planJob,
    queueStandingOf,
    get loaders() {
      return loaders;
    },
    forget: () => void (loaders = fresh()),
  };
}
