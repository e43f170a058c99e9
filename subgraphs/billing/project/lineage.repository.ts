import type { Transaction } from '../../../platform/database/database.js';
import { unavailable } from '../../../platform/errors.js';

type Reader = Pick<Transaction, 'billingProject'>;

/** The projects whose budgets count for a project, from the root down to itself. */
export async function readLineage(reader: Reader, projectId: string): Promise<readonly string[]> {
  const project = await reader.billingProject.findFirst({ where: { id: projectId } });
  if (!project) throw unavailable(`The budget of project ${projectId}`);
  return project.lineage;
}

/**
 * The same, read once per project: a project never moves. `catchUp` is awaited before a project is looked up again that
 * billing has not heard of, because it may have been created a moment ago.
 */
export function createLineages(options: { reader: Reader; catchUp: () => Promise<unknown> }) {
  const { reader, catchUp } = options;
  const known = new Map<string, readonly string[]>();
  return async (projectId: string): Promise<readonly string[]> => {
    const lineage = known.get(projectId);
    if (lineage) return lineage;
    if ((await reader.billingProject.count({ where: { id: projectId } })) === 0) await catchUp();
    const found = await readLineage(reader, projectId);
    known.set(projectId, found);
    return found;
  };
}
