import { setImmediate } from 'node:timers/promises';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Database } from '../../../platform/database/database.js';
import type { HeardEvent } from '../pass/heard.js';
import type { KnownJob } from '../pass/knownJob.js';
import type { SchedulingPass } from '../pass/schedulingPass.js';
import { createDurations } from './durations.js';
import { readFinishedRuns, readPromises, savePromises } from './eta.repository.js';
import type { Eta } from './eta.type.js';
import { type Expected, forecast } from './forecast.js';
import { createEtaPromises, type EtaPromise } from './promises.js';

const EVERY_MS = 2_000;
/** At most one part in so many of the process's time is spent on reckoning. */
const TIME_SHARE = 10;

const NOT_RECKONED: Expected = { p50: null, p90: null, reason: 'It is being reckoned.' };

/**
 * Keeps the ETAs of waiting jobs current, and remembers what was promised and what came of it. Every process reckons; what
 * the leader promises is kept.
 */
export function createForecaster(deps: {
  database: Database;
  pass: SchedulingPass;
  now: () => number;
  isLeading: () => boolean;
}) {
  const { database, pass, now, isLeading } = deps;
  const durations = createDurations();
  const promises = createEtaPromises();
  let expected: ReadonlyMap<string, Expected> = new Map();
  let unsaved: EtaPromise[] = [];
  let dropped: string[] = [];
  let nextAt = 0;

  async function save(): Promise<void> {
    const [changed, droppedIds] = [unsaved, dropped];
    [unsaved, dropped] = [[], []];
    if (!isLeading()) return;
    try {
      await savePromises(database, changed, droppedIds);
    } catch (error) {
      [unsaved, dropped] = [
        [...changed, ...unsaved],
        [...droppedIds, ...dropped],
      ];
      throw error;
    }
  }

  return {
    /** Reads what is remembered from before. Jobs must be known: what was promised to others is forgotten. */
    async load(): Promise<void> {
      for (const run of await readFinishedRuns(database)) durations.add(run);
      for (const promise of await readPromises(database)) {
        const job = pass.jobs().get(promise.jobId);
        const isOver =
          promise.startedAt === null && !(job?.phase === 'QUEUED' && job.attempt === promise.attempt);
        if (isOver) dropped.push(promise.jobId);
        else promises.add(promise);
      }
    },

    /** An event of scheduling, and the job as it was before it. */
    heard(event: HeardEvent, before: KnownJob | null): void {
      const { type, data } = event as HeardEvent & JobEvent;
      if (!before || event.version <= before.version) return;
      if (type === 'JobReserved') {
        const settled = promises.settle(before.id, Date.parse(event.occurredAt));
        if (settled) unsaved.push(settled);
      } else if (before.phase === 'QUEUED' && !pass.jobs().has(before.id) && promises.drop(before.id)) {
        dropped.push(before.id);
      }
      if (type === 'JobAttemptEnded' && before.gpuModelId !== null && data.startedAt !== null) {
        const { projectId, gpuModelId, maxRuntimeSeconds } = before;
        const seconds = (Date.parse(data.endedAt) - Date.parse(data.startedAt)) / 1_000;
        durations.add({ projectId, gpuModelId, seconds, maxRuntimeSeconds });
      }
    },

    /** When it is worth reckoning again: `now` or later. */
    dueIn: (): number => Math.max(0, nextAt - now()),

    /** Reckons anew, a little at a time, and stores what it promises by that. */
    async refresh(): Promise<void> {
      let spentMs = 0;
      const reckoning = forecast({ pass, durations, promises, now: now(), random: Math.random });
      for (;;) {
        const begun = performance.now();
        const step = reckoning.next();
        spentMs += performance.now() - begun;
        if (step.done) {
          expected = step.value.expected;
          for (const promise of step.value.promises) {
            // Who got its devices meanwhile was promised nothing.
            if (pass.jobs().get(promise.jobId)?.phase !== 'QUEUED') continue;
            promises.add(promise);
            unsaved.push(promise);
          }
          break;
        }
        await setImmediate();
      }
      nextAt = now() + Math.max(EVERY_MS, spentMs * TIME_SHARE);
      await save();
    },

    /** Of a job that waits in a queue. What was reckoned for a time that has passed is due now. */
    etaOf(jobId: string): Eta {
      const { p50, p90, reason } = expected.get(jobId) ?? NOT_RECKONED;
      const at = (time: number | null) =>
        time === null ? null : new Date(Math.max(time, now())).toISOString();
      return { p50: at(p50), p90: at(p90), reason };
    },

    hitRate: (queueId: string): number | null => promises.hitRate(queueId, now()),
  };
}
