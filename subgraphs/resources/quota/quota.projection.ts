import type { ProjectEvent, QuotaEvent } from '../../../contracts/governance.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

/** Governance's project tree and its quotas. A parent's events come before its children's. */
export const quotaProjection: Projection = {
  name: 'resources.quotas',
  source: 'governance',
  apply: (tx, event) => apply(tx, event as Positioned<ProjectEvent | QuotaEvent>),
  async clear(tx) {
    await tx.quotaLimit.deleteMany();
    await tx.projectNode.deleteMany();
  },
};

async function apply(tx: Transaction, event: Positioned<ProjectEvent | QuotaEvent>): Promise<void> {
  switch (event.type) {
    case 'ProjectCreated': {
      const { id, key, parentId } = event.data;
      const parent = parentId === null ? null : await tx.projectNode.findUnique({ where: { id: parentId } });
      await tx.projectNode.create({ data: { id, key, parentId, lineage: [...(parent?.lineage ?? []), id] } });
      return;
    }
    case 'QuotaSet': {
      const { id: quotaId, projectId, gpuModelId, nominal } = event.data;
      await tx.quotaLimit.upsert({
        where: { projectId_gpuModelId: { projectId, gpuModelId } },
        create: { projectId, gpuModelId, quotaId, nominal },
        update: { quotaId, nominal },
      });
    }
  }
}
