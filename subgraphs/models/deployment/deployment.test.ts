import { expect, test } from 'vitest';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import { decideAfterApproval, decideDeadline, decideDelete, decideRequest } from './deployment.decide.js';
import { after, allocating, born, NOW, serving } from './deployment.fixture.js';
import { type DeploymentEntity, loadStateOf } from './deployment.js';
import { decideObserved } from './deployment.observe.js';
import { DeploymentStatus, isFinal, isTransitional, TRANSITIONS } from './deployment.transitions.js';
import { endpointOf } from './endpoint.js';
import { deploymentOfWorkload } from './deployment.workloads.js';

const ask: ApprovalAsk = {
  approvalId: 'approval_1',
  action: 'CREATE_DEPLOYMENT',
  target: { type: 'Deployment', id: born.id, name: born.name },
  planHash: born.planHash,
  reason: null,
  policyVersion: 'test-1',
  rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
  estimate: null,
  quota: [],
  expiresAt: '2026-11-28T10:00:00.000Z',
};

const awaiting = (): DeploymentEntity => after(null, decideRequest(born, ask, NOW));
const types = (events: readonly DeploymentEvent[]) => events.map(({ type }) => type);
const see = (deployment: DeploymentEntity, seen: WorkloadEvent): DeploymentEntity =>
  after(deployment.state, decideObserved(deployment.state, seen, NOW), deployment.version);

const admitted: WorkloadEvent = {
  type: 'WorkloadAdmitted',
  data: {
    owner: { kind: 'DEPLOYMENT', id: born.id },
    attempt: 1,
    projectId: born.projectId,
    name: born.name,
    job: null,
    deployment: born.spec,
    gpuModelId: 'h100-sxm5-80gb',
    clusterId: 'eu-1',
    shares: [],
    allocationIds: ['allocation_1', 'allocation_2'],
    holdId: null,
    deadline: NOW.toISOString(),
  },
};
const refused: WorkloadEvent = {
  type: 'WorkloadRefused',
  data: {
    owner: { kind: 'DEPLOYMENT', id: born.id },
    attempt: 1,
    projectId: born.projectId,
    code: 'CAPACITY_EXHAUSTED',
    message: 'No node has 1 free GPUs',
    details: {},
  },
};
const ready = (count: number): WorkloadEvent => ({
  type: 'WorkloadReplicasChanged',
  data: { desired: 2, ready: count },
});
const running: WorkloadEvent = {
  type: 'WorkloadRunning',
  data: { startedAt: NOW.toISOString(), deadline: null },
};
const ended: WorkloadEvent = {
  type: 'WorkloadEnded',
  data: {
    reason: 'IMAGE_PULL_FAILED',
    exitCode: null,
    message: 'not found',
    endedAt: NOW.toISOString(),
    deadline: NOW.toISOString(),
  },
};
const cleared: WorkloadEvent = { type: 'WorkloadCleared', data: {} };

test('the way to available: admitted, loading, some replicas, enough replicas', () => {
  const steps = [admitted, running, ready(1), ready(2)];
  const states = steps.reduce<DeploymentEntity[]>(
    (past, seen) => [...past, see(past.at(-1) ?? allocating(), seen)],
    [allocating()],
  );
  expect(states.map(({ state }) => [state.status, state.replicas.ready, loadStateOf(state)])).toEqual([
    ['ALLOCATING', 0, 'PENDING'],
    ['PROVISIONING', 0, 'LOADING'],
    ['PROVISIONING', 1, 'LOADED'],
    ['PROVISIONING', 1, 'LOADED'],
    ['AVAILABLE', 2, 'LOADED'],
  ]);
});

test('fewer replicas than asked for degrade it, and enough again end that', () => {
  const degraded = see(serving(), ready(1));
  expect(degraded.state).toMatchObject({
    status: 'DEGRADED',
    message: '1 of at least 2 replicas answer.',
  });
  expect(see(degraded, ready(3)).state).toMatchObject({ status: 'AVAILABLE', message: null });
});

test('hearing the same again changes nothing, in any status', () => {
  let deployment = allocating();
  for (const seen of [admitted, running, ready(2), ready(1), ended, cleared]) {
    deployment = see(deployment, seen);
    expect(decideObserved(deployment.state, seen, NOW)).toEqual([]);
  }
  expect(deployment.state).toMatchObject({ status: 'FAILED', endReason: 'IMAGE_PULL_FAILED' });
});

test('a refused admission and a loss of all pods are failures that say why', () => {
  expect(see(allocating(), refused).state).toMatchObject({
    status: 'FAILED',
    endReason: 'CAPACITY_GONE',
    message: 'No node has 1 free GPUs',
  });
  expect(see(serving(), cleared).state).toMatchObject({ status: 'FAILED', endReason: 'DEVICES_LOST' });
  const failed = see(see(allocating(), admitted), ended);
  expect(loadStateOf(failed.state)).toBe('FAILED_TO_LOAD');
});

test('what waits for an approval is deleted at once, the rest when the cluster holds nothing of it', () => {
  expect(types(decideDelete(awaiting(), NOW))).toEqual(['DeploymentDeletionRequested', 'DeploymentDeleted']);
  const deleting = serving(serving(), ...decideDelete(serving(), NOW));
  expect(deleting.state.status).toBe('DELETING');
  expect(see(deleting, ready(0)).state.status).toBe('DELETING');
  expect(see(deleting, cleared).state).toMatchObject({
    status: 'DELETED',
    endReason: 'DELETED_BY_REQUEST',
  });
  const early = after(allocating().state, decideDelete(allocating(), NOW));
  expect(see(early, admitted).state.status).toBe('DELETING');
  expect(see(early, refused).state.status).toBe('DELETED');
});

test('an approval lets it go on or ends it, once, and only the one that it waits for', () => {
  const given = decideAfterApproval(awaiting(), 'approval_1', null, NOW);
  expect(types(given)).toEqual(['DeploymentAdmissionAsked']);
  const gone = after(awaiting().state, given);
  expect(decideAfterApproval(gone, 'approval_1', null, NOW)).toEqual([]);
  expect(decideAfterApproval(awaiting(), 'approval_2', null, NOW)).toEqual([]);
  const verdict = { endReason: 'APPROVAL_REJECTED', message: null } as const;
  const ends = after(awaiting().state, decideAfterApproval(awaiting(), 'approval_1', verdict, NOW));
  expect(ends.state).toMatchObject({ status: 'FAILED', endReason: 'APPROVAL_REJECTED', deadline: null });
});

test('every transitional status has a deadline, and what misses it is told once', () => {
  const late = new Date('2027-01-01T00:00:00.000Z');
  const expected = {
    AWAITING_APPROVAL: ['DeploymentDeadlineMissed', 'DeploymentFailed'],
    ALLOCATING: ['DeploymentDeadlineMissed', 'DeploymentFailed'],
    PROVISIONING: ['DeploymentDeadlineMissed', 'DeploymentFailed'],
    DELETING: ['DeploymentDeadlineMissed'],
  };
  const all = [
    awaiting(),
    allocating(),
    see(allocating(), admitted),
    serving(serving(), ...decideDelete(serving(), NOW)),
  ];
  expect(Object.fromEntries(all.map((one) => [one.state.status, types(decideDeadline(one, late))]))).toEqual(
    expected,
  );
  for (const deployment of all) {
    expect(isTransitional(deployment.state.status)).toBe(true);
    expect(decideDeadline(deployment, NOW)).toEqual([]);
    const told = after(deployment.state, decideDeadline(deployment, late));
    expect(decideDeadline(told, late)).toEqual([]);
  }
  expect(decideDeadline(serving(), late)).toEqual([]);
});

test('the table leads from nowhere into final statuses, and to every other', () => {
  const reached = new Set(['REQUESTED', ...Object.values(TRANSITIONS).flatMap((row) => Object.values(row))]);
  for (const status of Object.values(DeploymentStatus)) {
    expect(reached).toContain(status);
    expect(isFinal(status)).toBe(Object.keys(TRANSITIONS[status]).length === 0);
  }
});

test('it is reached at its Service while it has devices, and nowhere else', () => {
  const id = 'deployment_01JX';
  expect(endpointOf({ id, state: serving().state }, 'vision')).toBe('http://deployment-01jx.vision.svc:8080');
  expect(endpointOf({ id, state: allocating().state }, 'vision')).toBeNull();
});

test('the stream of a workload names its deployment, and not a job', () => {
  expect(deploymentOfWorkload('workload_deployment_01JX_1')).toBe('deployment_01JX');
  expect(deploymentOfWorkload('workload_job_01JX_1')).toBeNull();
});
