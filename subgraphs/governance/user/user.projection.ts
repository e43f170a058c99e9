import type { UserEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveUser, type UserState } from './user.js';

export const userAggregate: Aggregate<UserState, UserEvent> = {
  kind: 'User',
  types: ['UserRegistered'],
  evolve: evolveUser,
  async project(tx, entity) {
    const row = rowOfEntity(entity);
    await tx.user.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
