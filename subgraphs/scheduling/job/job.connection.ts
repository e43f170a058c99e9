import { type Connection, type PageArgs, paginate } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { maySeeContents } from '../visibility.js';
import { countJobsOfProject, type JobFilter, readJobsOfProject } from './job.repository.js';
import { type Job, toJob } from './job.type.js';

/** A page of a project's jobs, newest first. What the viewer may not see into has none, as if it did not exist. */
export const jobsOf = (
  projectId: string,
  filter: JobFilter,
  args: PageArgs,
  { reader, principal }: Context,
): Promise<Connection<Job>> => {
  const sees = maySeeContents(principal, projectId);
  return paginate(args, {
    read: async (page) => (sees ? readJobsOfProject(reader, projectId, filter, page) : []),
    key: ({ id }) => id,
    toNode: toJob,
    count: async () => (sees ? countJobsOfProject(reader, projectId, filter) : 0),
  });
};
