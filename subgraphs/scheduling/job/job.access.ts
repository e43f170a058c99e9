import type { Permission } from '../../../contracts/permissions.js';
import { forbidden, notFound } from '../../../platform/errors.js';
import type { Entity, Existing } from '../../../platform/eventStore/aggregate.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import { maySeeContents } from '../visibility.js';
import type { JobState } from './job.js';

type Job = Existing<JobState>;

const holds = (viewer: Principal, permission: Permission, projectId: string) =>
  may(viewer, permission, projectId);

export const canSee = (viewer: Principal, job: Entity<JobState>): job is Job =>
  job.state !== null && maySeeContents(viewer, job.state.projectId);

/** Who may cancel jobs of others may submit their own. */
const maySubmit = (viewer: Principal, projectId: string): boolean =>
  holds(viewer, 'job:write', projectId) || holds(viewer, 'job:writeOwn', projectId);

export const mayCommand = (viewer: Principal, { state, createdBy }: Job): boolean =>
  holds(viewer, 'job:write', state.projectId) ||
  (createdBy.id === viewer.id && holds(viewer, 'job:writeOwn', state.projectId));

/** Refused as if there were no such project for those who may not see into it. */
export function checkMaySubmit(viewer: Principal, projectId: string): void {
  if (!holds(viewer, 'project:read', projectId) && !maySeeContents(viewer, projectId))
    throw notFound('Project', projectId);
  if (!maySubmit(viewer, projectId)) throw forbidden('job:writeOwn' satisfies Permission);
}

/** The job, if the viewer may see and command it. */
export function checkMayCommand(viewer: Principal, job: Entity<JobState>): Job {
  if (!canSee(viewer, job)) throw notFound('Job', job.id);
  if (!mayCommand(viewer, job)) throw forbidden('job:write' satisfies Permission);
  return job;
}
