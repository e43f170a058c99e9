import type { ProjectEvent, QuotaEvent } from '../../../contracts/governance.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

type LimitsEvent = ProjectEvent | QuotaEvent;

/** Governance's project tree and its quotas. A parent's events come before its children's. */
export const limitsProjection: Projection = {
  name: 'scheduling.limits',
  source: 'governance',
  apply: (tx, event) => apply(tx, event as Positioned<LimitsEvent>),
  async clear(tx) {
    await tx.knownQuota.deleteMany();
    await tx.knownProject.deleteMany();
  },
};

async function apply(tx: Transaction, event: Positioned<LimitsEvent>): Promise<void> {
  switch (event.type) {
    case 'ProjectCreated': {
      const { id, parentId } = event.data;
      const parent = parentId === null ? null : await tx.knownProject.findUnique({ where: { id: parentId } });
      await tx.knownProject.create({ data: { id, lineage: [...(parent?.lineage ?? []), id] } });
      return;
    }
    case 'QuotaSet': {
      const { projectId, gpuModelId, nominal } = event.data;
      await tx.knownQuota.upsert({
        where: { projectId_gpuModelId: { projectId, gpuModelId } },
        create: { projectId, gpuModelId, nominal },
        update: { nominal },
      });
    }
  }
}
