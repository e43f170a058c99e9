import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { DeploymentEvent } from '../../../contracts/models.events.js';
import { PublicError } from '../../../platform/errors.js';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  created,
  deploymentOf,
  mutate,
  PLAN_HASH,
  registered,
  researcherOf,
  startModels,
} from '../models.fixture.js';
import { deploymentAggregate } from './deployment.projection.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const rules = [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }];

type Asked = { deployment: { id: string; status: string }; approval: { id: string; status: string } };

/** A deployment that waits for an approval. */
async function asked() {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const versionId = await created(harness, me, await registered(harness, me, projectId));
  harness.resources.answer = { rules };
  const input = deploymentOf(projectId, versionId, { gpu: { modelIn: ['h100-sxm5-80gb'], count: 8 } });
  const select = 'deployment { id status } approval { id status }';
  const answer = await mutate(harness, me, { name: 'createDeployment', input, select });
  const { deployment, approval } = dataOf<{ createDeployment: Asked }>(answer).createDeployment;
  return { projectId, me, deployment, approval };
}

const load = async (id: string) => (await harness.app.spine.store.load(deploymentAggregate, id)).state;

/** Governance says what became of the approval. */
const outcome = (type: string, { deployment, approval }: Asked) =>
  harness.append('governance', `${approval.id}-${randomUUID()}`, {
    type,
    data: {
      approvalId: approval.id,
      target: { type: 'Deployment', id: deployment.id },
      planHash: PLAN_HASH,
    },
  });

test('what a rule asks an approval for waits, names it at once, and asks with its evidence', async () => {
  const { deployment, approval } = await asked();
  expect(deployment.status).toBe('AWAITING_APPROVAL');
  expect(approval).toEqual({ id: expect.stringMatching(/^approval_/), status: 'PENDING' });
  const events = await harness.app.spine.store.readStream<DeploymentEvent>(deployment.id);
  expect(events.map(({ type }) => type)).toEqual(['DeploymentRequested', 'DeploymentApprovalAsked']);
  expect(events[1]?.data).toEqual({
    ask: {
      approvalId: approval.id,
      action: 'CREATE_DEPLOYMENT',
      target: { type: 'Deployment', id: deployment.id, name: 'support-bot' },
      reason: null,
      planHash: PLAN_HASH,
      policyVersion: 'test-1',
      rules,
      estimate: { perHour: '2.99', total: null, currency: 'USD', priceBookVersion: 'test' },
      quota: [{ gpuModelId: 'h100-sxm5-80gb', nominal: 8, used: 0, requested: 1 }],
      expiresAt: expect.any(String),
    },
    deadline: expect.any(String),
  });
});

test('approved, it is planned again by the same plan and asks for its devices, once', async () => {
  const waiting = await asked();
  await outcome('ApprovalApproved', waiting);
  const { id } = waiting.deployment;
  await until('it goes on', async () => (await load(id))?.status === 'ALLOCATING');
  expect(harness.resources.asked.at(-1)).toMatchObject({ planHash: PLAN_HASH });
  await outcome('ApprovalApproved', waiting);
  await outcome('ApprovalRejected', waiting);
  const next = await asked();
  await outcome('ApprovalApproved', next);
  await until('the next goes on', async () => (await load(next.deployment.id))?.status === 'ALLOCATING');
  const types = (await harness.app.spine.store.readStream(id)).map(({ type }) => type);
  expect(types.filter((type) => type === 'DeploymentAdmissionAsked')).toHaveLength(1);
  expect(types.at(-1)).toBe('DeploymentAdmissionAsked');
});

test.each([
  ['PLAN_STALE', 'APPROVAL_SUPERSEDED'],
  ['QUOTA_EXCEEDED', 'CAPACITY_GONE'],
  ['BUDGET_EXCEEDED', 'CAPACITY_GONE'],
  ['CAPACITY_EXHAUSTED', 'CAPACITY_GONE'],
])('approved when the plan is refused with %s, it has failed with %s', async (code, endReason) => {
  const waiting = await asked();
  harness.resources.answer = new PublicError(code, 'Not any more.', 'Ask again.', {}, true);
  await outcome('ApprovalApproved', waiting);
  const { id } = waiting.deployment;
  await until('it has failed', async () => (await load(id))?.status === 'FAILED');
  expect(await load(id)).toMatchObject({ endReason, message: 'Not any more.', deadline: null });
});

test.each([
  ['ApprovalRejected', 'APPROVAL_REJECTED'],
  ['ApprovalExpired', 'APPROVAL_EXPIRED'],
  ['ApprovalWithdrawn', 'APPROVAL_WITHDRAWN'],
])('after %s it has failed with %s', async (type, endReason) => {
  const waiting = await asked();
  await outcome(type, waiting);
  const { id } = waiting.deployment;
  await until('it has failed', async () => (await load(id))?.status === 'FAILED');
  expect(await load(id)).toMatchObject({ endReason });
});

test('deleted while it waits, it is gone at once, and an approval that comes late does nothing', async () => {
  const waiting = await asked();
  const { id } = waiting.deployment;
  const deletion = { name: 'deleteDeployment', input: { id }, select: 'deployment { status }' };
  expect(dataOf(await mutate(harness, waiting.me, deletion))).toEqual({
    deleteDeployment: { deployment: { status: 'DELETED' } },
  });
  await outcome('ApprovalApproved', waiting);
  const next = await asked();
  await outcome('ApprovalApproved', next);
  await until('the next goes on', async () => (await load(next.deployment.id))?.status === 'ALLOCATING');
  expect(await load(id)).toMatchObject({ status: 'DELETED', endReason: 'DELETED_BY_REQUEST' });
});
