import DataLoader from 'dataloader';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { type JobEntity, readJobs } from './job/job.repository.js';
import { NOT_WAITING } from './job/job.standing.js';
import type { JobStanding, StandingOf } from './pass/standing.js';
import { type QueueEntity, readQueues, readQueuesOfProjects } from './queue/queue.repository.js';

export type Reader = Pick<PrismaClient, 'queue' | 'job'>;
export type Loaders = ReturnType<typeof createLoaders>;

/** One set per request: they remember, and what a caller may see must not outlive the caller. */
export const createLoaders = (reader: Reader, standingOf: StandingOf) => ({
  queue: new DataLoader<string, QueueEntity | null>(async (ids) => {
    const byId = new Map((await readQueues(reader, ids)).map((queue) => [queue.id, queue]));
    return ids.map((id) => byId.get(id) ?? null);
  }),

  queuesOfProject: new DataLoader<string, QueueEntity[]>(async (projectIds) => {
    const queues = await readQueuesOfProjects(reader, projectIds);
    return projectIds.map((id) => queues.filter(({ state }) => state.projectId === id));
  }),

  job: new DataLoader<string, JobEntity | null>(async (ids) => {
    const byId = new Map((await readJobs(reader, ids)).map((job) => [job.id, job]));
    return ids.map((id) => byId.get(id) ?? null);
  }),

  standing: new DataLoader<string, JobStanding>(async (ids) => {
    const standings = await standingOf(ids);
    return ids.map((id) => standings.get(id) ?? NOT_WAITING);
  }),
});
