import type { ModelVersionEvent } from '../../../contracts/models.events.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import type { Recorded } from '../../../platform/eventStore/event.js';
import { evolveModelVersion, type ModelVersionState } from './modelVersion.js';

export const modelVersionAggregate: Aggregate<ModelVersionState, ModelVersionEvent> = {
  kind: 'ModelVersion',
  types: [
    'ModelVersionCreated',
    'EvaluationRecorded',
    'ModelVersionQuarantined',
    'ModelVersionReleased',
    'ModelVersionDeprecated',
    'ModelVersionArchived',
  ],
  evolve: evolveModelVersion,
  async project(tx, entity, events) {
    const { projectId, modelId, number, producedByJobId } = entity.state;
    const row = { ...rowOfEntity(entity), projectId, modelId, number, producedByJobId };
    await tx.modelVersion.upsert({ where: { id: entity.id }, create: row, update: row });
    await keepEvaluations(tx, entity.id, events);
  },
};

async function keepEvaluations(
  tx: Transaction,
  modelVersionId: string,
  events: readonly Recorded<ModelVersionEvent>[],
): Promise<void> {
  const data = events.flatMap((event) => {
    if (event.type !== 'EvaluationRecorded') return [];
    const { dataset, ...evaluation } = event.data;
    const { occurredAt, actor } = event;
    return [
      { ...evaluation, dataset: dataset ?? Prisma.DbNull, modelVersionId, at: new Date(occurredAt), actor },
    ];
  });
  if (data.length > 0) await tx.evaluation.createMany({ data });
}
