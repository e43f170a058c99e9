import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { RegisteredModelState } from './registeredModel.js';

export type RegisteredModelEntity = Existing<RegisteredModelState>;

type Reader = Pick<Transaction, 'registeredModel'>;

export async function readModels(reader: Reader, ids: readonly string[]): Promise<RegisteredModelEntity[]> {
  const rows = await reader.registeredModel.findMany({ where: { id: { in: [...ids] } } });
  return rows.map((row) => toExisting<RegisteredModelState>(row));
}

/** Newest first. `after` is the id of the last model of the page before. */
export async function readModelsOfProject(
  reader: Reader,
  projectId: string,
  page: { take: number; after: string | null },
): Promise<RegisteredModelEntity[]> {
  const rows = await reader.registeredModel.findMany({
    where: { projectId, ...(page.after !== null && { id: { lt: page.after } }) },
    orderBy: { id: 'desc' },
    take: page.take,
  });
  return rows.map((row) => toExisting<RegisteredModelState>(row));
}
