import type { ProjectEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveProject, type ProjectState } from './project.js';

export const projectAggregate: Aggregate<ProjectState, ProjectEvent> = {
  kind: 'Project',
  types: ['ProjectCreated'],
  evolve: evolveProject,
  async project(tx, entity) {
    const { key, parentId } = entity.state;
    const row = { ...rowOfEntity(entity), key, parentId };
    await tx.project.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
