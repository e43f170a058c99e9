import type { DeploymentEvent } from '../../../contracts/models.events.js';
import { decideRequest } from './deployment.decide.js';
import { type DeploymentEntity, type DeploymentState, evolveDeployment } from './deployment.js';

export const V1 = 'model-version_1';
export const V2 = 'model-version_2';
export const V3 = 'model-version_3';

export const NOW = new Date('2026-11-21T10:00:00.000Z');

/** A deployment after more events. */
export function after(
  before: DeploymentState | null,
  events: readonly DeploymentEvent[],
  version = 0,
): DeploymentEntity {
  const occurredAt = NOW.toISOString();
  const state = events.reduce<DeploymentState | null>(
    (folded, event) => evolveDeployment(folded, { ...event, occurredAt }),
    before,
  );
  if (!state) throw new Error('Nothing happened');
  return {
    id: 'deployment_1',
    version: version + events.length,
    createdAt: occurredAt,
    createdBy: { id: 'user_1', kind: 'USER' },
    updatedAt: occurredAt,
    state,
  };
}

export const born = {
  id: 'deployment_1',
  projectId: 'project_1',
  name: 'support-bot',
  modelId: 'model_1',
  modelVersionId: V1,
  planHash: 'a'.repeat(64),
  spec: {
    image: 'vllm',
    port: 8080,
    gpu: { modelIn: ['h100-sxm5-80gb'], count: 1 },
    replicas: { min: 2, max: 4 },
    model: { uri: 's3://models/1', digest: `sha256:${'0'.repeat(64)}` },
  },
};

/** One that waits for its devices. */
export const allocating = (): DeploymentEntity => after(null, decideRequest(born, null, NOW));

/** One that serves: the given one after more events, or a new one. */
export function serving(deployment?: DeploymentEntity, ...events: DeploymentEvent[]): DeploymentEntity {
  if (deployment) return after(deployment.state, events, deployment.version);
  const { state, version } = allocating();
  const deadline = NOW.toISOString();
  const up: DeploymentEvent[] = [
    { type: 'DeploymentAdmitted', data: { allocationIds: ['allocation_1', 'allocation_2'], deadline } },
    { type: 'DeploymentReplicasChanged', data: { desired: 2, ready: 2 } },
    { type: 'DeploymentAvailable', data: {} },
  ];
  return after(state, [...up, ...events], version);
}
