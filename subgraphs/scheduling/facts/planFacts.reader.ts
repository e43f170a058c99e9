import type { ModelFacts, QuotaCell } from '../../../contracts/admission.js';
import type { BillingCalls } from '../../../contracts/calls.js';
import { largestGang, type NodeRoom } from '../../../contracts/gang.js';
import type { Database } from '../../../platform/database/database.js';
import { notFound } from '../../../platform/errors.js';
import { readPrices, readQuotaCells, readRooms } from './facts.repository.js';
import type { ReadPlanFacts } from './planFacts.js';

export function createPlanFacts(deps: {
  database: Database;
  billing: Pick<BillingCalls, 'budgetStatus'>;
}): ReadPlanFacts {
  const { prisma } = deps.database;
  return async function planFacts(projectId, { modelIn, count }) {
    const cells = await readQuotaCells(prisma, projectId, modelIn);
    if (cells.length === 0) throw notFound('Project', projectId);
    const [rooms, prices, budget] = await Promise.all([
      readRooms(prisma, modelIn),
      readPrices(prisma),
      deps.billing.budgetStatus({ projectId }),
    ]);
    const models = modelIn.map((gpuModelId) => {
      const counting = cells.filter((cell) => cell.gpuModelId === gpuModelId);
      const rate = prices?.rates[gpuModelId] ?? null;
      return factsOf(gpuModelId, rate, counting, rooms.get(gpuModelId) ?? [], count);
    });
    return { models, prices, budget };
  };
}

/** `cells`: from the root down to the project itself. */
function factsOf(
  gpuModelId: string,
  rate: string | null,
  cells: readonly QuotaCell[],
  rooms: readonly NodeRoom[],
  count: number,
): Omit<ModelFacts, 'money'> {
  const own = cells.at(-1);
  return {
    gpuModelId,
    rate,
    nominal: own?.nominal ?? 0,
    used: own?.used ?? 0,
    cells,
    capacity: {
      free: rooms.reduce((sum, { free }) => sum + free, 0),
      largestNow: largestGang(count, rooms, 'NOW'),
      largestEver: largestGang(count, rooms, 'EVER'),
    },
  };
}
