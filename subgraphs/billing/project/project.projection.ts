import type { GovernanceEvent } from '../../../contracts/governance.events.js';
import type { Projection } from '../../../platform/projection/projection.js';

/** Governance's project tree: a budget counts for its project and all below. */
export const projectProjection: Projection = {
  name: 'billing.projects',
  source: 'governance',
  async apply(tx, event) {
    const { type, data } = event as Pick<GovernanceEvent, 'type' | 'data'> as GovernanceEvent;
    if (type !== 'ProjectCreated') return;
    const { id, parentId } = data;
    const parent = parentId === null ? null : await tx.billingProject.findUnique({ where: { id: parentId } });
    const lineage = [...(parent?.lineage ?? []), id];
    await tx.billingProject.createMany({ data: [{ id, parentId, lineage }], skipDuplicates: true });
  },
  async clear(tx) {
    await tx.billingProject.deleteMany();
  },
};
