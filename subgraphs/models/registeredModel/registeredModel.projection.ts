import type { RegisteredModelEvent } from '../../../contracts/models.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { evolveRegisteredModel, type RegisteredModelState } from './registeredModel.js';

export const registeredModelAggregate: Aggregate<RegisteredModelState, RegisteredModelEvent> = {
  kind: 'RegisteredModel',
  types: ['ModelRegistered'],
  evolve: evolveRegisteredModel,
  async project(tx, { id, state, version, createdAt, createdBy, updatedAt }) {
    const { projectId, name } = state;
    await tx.registeredModel.upsert({
      where: { id },
      create: { id, projectId, name, version, createdAt, createdBy, updatedAt, state },
      update: { version, updatedAt, state },
    });
  },
};
