import type { OrganisationEvent } from '../../../contracts/governance.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveOrganisation, type OrganisationState } from './organisation.js';

export const organisationAggregate: Aggregate<OrganisationState, OrganisationEvent> = {
  kind: 'Organisation',
  types: ['OrganisationCreated'],
  evolve: evolveOrganisation,
  async project(tx, entity) {
    const row = { ...rowOfEntity(entity), name: entity.state.name };
    await tx.organisation.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
