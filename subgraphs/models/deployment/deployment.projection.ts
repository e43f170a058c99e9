import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { type DeploymentState, evolveDeployment } from './deployment.js';

export const deploymentAggregate: Aggregate<DeploymentState, DeploymentEvent> = {
  kind: 'Deployment',
  types: [
    'DeploymentRequested',
    'DeploymentApprovalAsked',
    'DeploymentAdmissionAsked',
    'DeploymentAdmitted',
    'DeploymentAvailable',
    'DeploymentDegraded',
    'DeploymentReplicasChanged',
    'DeploymentTrafficSet',
    'DeploymentDeletionRequested',
    'DeploymentDeleted',
    'DeploymentDeadlineMissed',
    'DeploymentFailed',
  ],
  evolve: evolveDeployment,
  async project(tx, entity, events) {
    const { projectId, modelId, name, status } = entity.state;
    const row = { ...rowOfEntity(entity), projectId, modelId, name, status };
    await tx.deployment.upsert({ where: { id: entity.id }, create: row, update: row });
    if (events.some(({ type }) => type === 'DeploymentRequested' || type === 'DeploymentTrafficSet'))
      await keepVersions(tx, entity.id, entity.state);
  },
};

/** The version that its pods were made of counts as served, also while it gets no requests. */
async function keepVersions(
  tx: Transaction,
  deploymentId: string,
  { modelVersionId, traffic }: DeploymentState,
): Promise<void> {
  const weights = new Map([[modelVersionId, 0]]);
  for (const part of traffic) weights.set(part.modelVersionId, part.weightBp);
  await tx.deploymentVersion.deleteMany({ where: { deploymentId } });
  await tx.deploymentVersion.createMany({
    data: [...weights].map(([id, weightBp]) => ({ deploymentId, modelVersionId: id, weightBp })),
  });
}
