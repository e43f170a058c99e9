import type { Context } from '../context.js';
import { canSee } from './job.access.js';
import { jobAggregate } from './job.projection.js';
import { type Job, toJob } from './job.type.js';

/** The one door to a job, now or as it was then. What the viewer may not see is not there. */
export async function visibleJob(
  id: string,
  { loaders, principal, store }: Context,
  asOf: Date | null = null,
): Promise<Job | null> {
  const job = await loaders.job.load(id);
  if (!job || !canSee(principal, job)) return null;
  if (!asOf) return toJob(job);
  const { state, ...past } = await store.load(jobAggregate, id, { until: asOf.toISOString() });
  return state && toJob({ ...past, state });
}
