import DataLoader from 'dataloader';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { QuotaState } from './quota.js';
import type { QuotaRepository } from './quota.repository.js';

/** One per request: the quotas of many projects cost one query. */
export const createQuotasOfProjectLoader = (quotas: Pick<QuotaRepository, 'findByProjects'>) =>
  new DataLoader<string, Existing<QuotaState>[]>(async (projectIds) => {
    const found = await quotas.findByProjects(projectIds);
    return projectIds.map((id) => found.filter(({ state }) => state.projectId === id));
  });
