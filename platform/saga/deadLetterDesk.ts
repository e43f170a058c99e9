import type { PrismaClient } from '../database/generated/client.js';
import { unavailable } from '../errors.js';
import type { RunningProcessManager } from './processManager.js';

/** An event that a process manager of this context could not handle, or that waits behind such a one. */
export type DeadLetterRow = Awaited<ReturnType<PrismaClient['deadLetter']['findFirstOrThrow']>>;

/** What is parked and replayed together: the events of one stream, as one process manager reads them. */
export type DeadLetterStream = Pick<DeadLetterRow, 'consumer' | 'source' | 'streamId'>;

/** Where an operator works through a context's parked events. */
export interface DeadLetterDesk {
  /** Those that have been parked longest, at most so many. */
  list(limit: number): Promise<DeadLetterRow[]>;
  find(id: string): Promise<DeadLetterRow | null>;
  ofStream(stream: DeadLetterStream): Promise<DeadLetterRow[]>;
  /** Handles them again, in order; see RunningProcessManager. */
  replay(stream: DeadLetterStream): Promise<number>;
}

export function createDeadLetterDesk(
  { deadLetter }: Pick<PrismaClient, 'deadLetter'>,
  context: string,
  processManagers: readonly RunningProcessManager[],
): DeadLetterDesk {
  return {
    list: (take) =>
      deadLetter.findMany({ where: { context }, orderBy: [{ firstAt: 'asc' }, { id: 'asc' }], take }),
    find: (id) => deadLetter.findFirst({ where: { context, id } }),
    ofStream: ({ consumer, source, streamId }) =>
      deadLetter.findMany({ where: { consumer, source, streamId }, orderBy: { position: 'asc' } }),
    async replay({ consumer, source, streamId }) {
      const manager = processManagers.find((each) => each.name === consumer && each.source === source);
      if (!manager) throw unavailable(`The process manager ${consumer}`);
      return manager.replay(streamId);
    },
  };
}
