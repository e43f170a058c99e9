import type { Context } from '../context.js';
import type { JobStanding } from '../pass/standing.js';
import type { Job } from './job.type.js';

export const NOT_WAITING: JobStanding = { queuePosition: null, blockers: [], eta: null };

/** Where a job stands now, as the scheduler sees it, who need not be asked about what does not wait or does not exist. */
export const standing = async ({ id, phase, isPreview }: Job, { loaders }: Context): Promise<JobStanding> =>
  !isPreview && (phase === 'QUEUED' || phase === 'AWAITING_APPROVAL')
    ? loaders.standing.load(id)
    : NOT_WAITING;
