import type { RegisteredModelEvent } from '../../../contracts/models.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import type { Recorded } from '../../../platform/eventStore/event.js';
import { evolveRegisteredModel, type RegisteredModelState } from './registeredModel.js';

export const registeredModelAggregate: Aggregate<RegisteredModelState, RegisteredModelEvent> = {
  kind: 'RegisteredModel',
  types: ['ModelRegistered', 'AliasSet', 'AliasRemoved'],
  evolve: evolveRegisteredModel,
  async project(tx, entity, events) {
    const { projectId, name } = entity.state;
    const row = { ...rowOfEntity(entity), projectId, name };
    await tx.registeredModel.upsert({ where: { id: entity.id }, create: row, update: row });
    await keepAliasChanges(tx, entity.id, events);
  },
};

async function keepAliasChanges(
  tx: Transaction,
  modelId: string,
  events: readonly Recorded<RegisteredModelEvent>[],
): Promise<void> {
  const data = events.flatMap((event) => {
    if (event.type === 'ModelRegistered') return [];
    const { name, previousVersionId } = event.data;
    const versionId = event.type === 'AliasSet' ? event.data.versionId : null;
    const { version: sequence, occurredAt, actor } = event;
    return [{ modelId, sequence, name, versionId, previousVersionId, at: new Date(occurredAt), actor }];
  });
  if (data.length > 0) await tx.aliasChange.createMany({ data });
}
