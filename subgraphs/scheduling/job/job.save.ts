import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Unit } from '../../../platform/command/unit.js';
import { type Entity, type Existing, unborn } from '../../../platform/eventStore/aggregate.js';
import type { JobState } from './job.js';
import { jobAggregate } from './job.projection.js';

export const DEADLINE_TIMER = 'jobDeadline';

/** A job that is known to exist. */
export async function loadJob(unit: Unit, id: string): Promise<Existing<JobState>> {
  const { state, ...job } = await unit.load(jobAggregate, id);
  if (state === null) throw new Error(`There is no stream of job ${id}`);
  return { ...job, state };
}

/** Saves what happened to a job, and sets the watchdog for the phase that it is in now. */
export function saveJob(
  unit: Unit,
  job: Existing<JobState>,
  events: readonly JobEvent[],
): Promise<Existing<JobState>> {
  return watched(unit, job, events, job.state.projectId);
}

/** The same for a job that begins with these events. */
export const saveNewJob = (
  unit: Unit,
  { id, projectId }: { id: string; projectId: string },
  events: readonly JobEvent[],
): Promise<Existing<JobState>> => watched(unit, unborn(id), events, projectId);

async function watched(
  unit: Unit,
  job: Entity<JobState>,
  events: readonly JobEvent[],
  projectId: string,
): Promise<Existing<JobState>> {
  const saved = await unit.save(jobAggregate, job, events, projectId);
  const { deadline, deadlineMissed } = saved.state;
  if (deadline === null || deadlineMissed) await unit.clearTimer(DEADLINE_TIMER, saved.id);
  else await unit.setTimer(DEADLINE_TIMER, saved.id, new Date(deadline));
  return saved;
}
