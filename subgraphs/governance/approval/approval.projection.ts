import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { type ApprovalState, evolveApproval } from './approval.js';

export const approvalAggregate: Aggregate<ApprovalState, ApprovalEvent> = {
  kind: 'ApprovalRequest',
  types: [
    'ApprovalRequested',
    'ApprovalDecided',
    'ApprovalApproved',
    'ApprovalRejected',
    'ApprovalExpired',
    'ApprovalWithdrawn',
    'ApprovalSuperseded',
    'ApprovalExecuted',
    'ApprovalExecutionFailed',
  ],
  evolve: evolveApproval,
  async project(tx, entity) {
    const { projectId, status, requestedBy, ask } = entity.state;
    const asked = { requestedById: requestedBy.id, action: ask.action, targetId: ask.target.id };
    const row = { ...rowOfEntity(entity), projectId, status, ...asked };
    await tx.approvalRequest.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
