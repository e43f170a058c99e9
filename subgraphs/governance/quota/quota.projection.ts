import type { QuotaEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveQuota, type QuotaState } from './quota.js';

export const quotaAggregate: Aggregate<QuotaState, QuotaEvent> = {
  kind: 'Quota',
  types: ['QuotaSet'],
  evolve: evolveQuota,
  async project(tx, entity) {
    const { projectId, gpuModelId } = entity.state;
    const row = { ...rowOfEntity(entity), projectId, gpuModelId };
    await tx.quota.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
