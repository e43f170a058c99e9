import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { JobState } from './job.js';

export type JobEntity = Existing<JobState>;

type Reader = Pick<Transaction, 'job'>;

export async function readJobs(reader: Reader, ids: readonly string[]): Promise<JobEntity[]> {
  const rows = await reader.job.findMany({ where: { id: { in: [...ids] } } });
  return rows.map((row) => toExisting<JobState>(row));
}

/** Newest first. `after` is the id of the last job of the page before. */
export async function readJobsOfProject(
  reader: Reader,
  projectId: string,
  page: { take: number; after: string | null },
): Promise<JobEntity[]> {
  const rows = await reader.job.findMany({
    where: { projectId, ...(page.after !== null && { id: { lt: page.after } }) },
    orderBy: { id: 'desc' },
    take: page.take,
  });
  return rows.map((row) => toExisting<JobState>(row));
}
