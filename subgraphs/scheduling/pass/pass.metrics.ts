import { createDurations, createReading } from '../../../platform/telemetry/metrics.js';
import type { createWaitingRoom } from './waitingRoom.js';

export const passDurations = createDurations(
  'fleetgraph_scheduling_pass_duration_seconds',
  'How long a run of the scheduling pass over the waiting jobs took.',
  [],
);

const jobsWaiting = createReading(
  'fleetgraph_scheduling_jobs_waiting',
  'Jobs that wait in any queue, as this process sees it.',
  [],
);

const longestQueue = createReading(
  'fleetgraph_scheduling_longest_queue_jobs',
  'Jobs that wait in the longest queue, as this process sees it.',
  [],
);

/** Tells how long the queues are; no queue is named, because tenants name them. Returns what ends it. */
export function measureQueues(room: Pick<ReturnType<typeof createWaitingRoom>, 'queueLengths'>): () => void {
  const stops = [
    jobsWaiting.from(() => [[{}, room.queueLengths().reduce((sum, length) => sum + length, 0)]]),
    longestQueue.from(() => [[{}, Math.max(0, ...room.queueLengths())]]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
