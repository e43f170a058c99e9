import type { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { JobState } from './job.js';
import type { JobPhase } from './job.transitions.js';

export type JobEntity = Existing<JobState>;

/** Which jobs of a project; null and undefined ask for nothing. */
export type JobFilter = {
  phaseIn?: readonly JobPhase[] | null;
  createdBy?: string | null;
  labels?: readonly { key: string; value: string }[] | null;
};

type Reader = Pick<Transaction, 'job'>;

export async function readJobs(reader: Reader, ids: readonly string[]): Promise<JobEntity[]> {
  const rows = await reader.job.findMany({ where: { id: { in: [...ids] } } });
  return rows.map((row) => toExisting<JobState>(row));
}

/** Newest first. `after` is the id of the last job of the page before. */
export async function readJobsOfProject(
  reader: Reader,
  projectId: string,
  filter: JobFilter,
  page: { take: number; after: string | null },
): Promise<JobEntity[]> {
  const { take, after } = page;
  const wanted = whereOf(projectId, filter);
  const rows = await reader.job.findMany({
    where: after === null ? wanted : { AND: [wanted, { id: { lt: after } }] },
    orderBy: { id: 'desc' },
    take,
  });
  return rows.map((row) => toExisting<JobState>(row));
}

export const countJobsOfProject = (reader: Reader, projectId: string, filter: JobFilter): Promise<number> =>
  reader.job.count({ where: whereOf(projectId, filter) });

function whereOf(projectId: string, { phaseIn, createdBy, labels }: JobFilter): Prisma.JobWhereInput {
  return {
    projectId,
    ...(phaseIn && { phase: { in: [...phaseIn] } }),
    ...(createdBy != null && { createdById: createdBy }),
    AND: (labels ?? []).map(({ key, value }) => ({
      state: { path: ['spec', 'labels'], array_contains: [{ key, value }] },
    })),
  };
}
