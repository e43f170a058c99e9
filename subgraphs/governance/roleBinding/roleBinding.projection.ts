import type { RoleBindingEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveRoleBinding, type RoleBindingState } from './roleBinding.js';

export const roleBindingAggregate: Aggregate<RoleBindingState, RoleBindingEvent> = {
  kind: 'RoleBinding',
  types: ['RoleBound', 'RoleRevoked'],
  evolve: evolveRoleBinding,
  async project(tx, entity) {
    const { subject, role, projectId, expiresAt, revokedAt } = entity.state;
    const row = {
      ...rowOfEntity(entity),
      userId: 'userId' in subject ? subject.userId : null,
      role,
      projectId,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      revokedAt: revokedAt === null ? null : new Date(revokedAt),
    };
    await tx.roleBinding.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
