import { beforeAll, expect, test } from 'vitest';
import { ID, type Money, mutate, usd } from '../testkit/answers.js';
import { type Client, dataOf, newKey } from '../testkit/fleet.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

type Created = {
  deployment: { id: string; status: string };
  approval: { id: string; status: string } | null;
};
type Standing = {
  deployment: {
    status: string;
    endReason: string | null;
    endpoint: string | null;
    cost: { ratePerHour: Money };
    approval: { status: string } | null;
    auditTrail: { edges: { node: { type: string } }[] };
  };
};

const STANDING = `query ($id: ID!) { deployment(id: $id) { status endReason endpoint
  cost { ratePerHour { amount currency } } approval { status } auditTrail(first: 50) { edges { node { type } } } } }`;

/** Deployments that somebody else has to approve, and which GPUs a model fits on for which price. */
export function deploymentsSuite({ fleet }: Setting): void {
  let tenant: Tenant;
  let client: Client;
  let approver: Client;
  let modelVersionId: string;

  beforeAll(async () => {
    tenant = await createTenant(fleet(), { quotas: { [H100]: 8 }, monthlyBudget: '1000' });
    client = tenant.researcher;
    const { registerModel } = await mutate<{ registerModel: { model: { id: string } } }>(
      client,
      'RegisterModel',
      { projectId: tenant.projectId, name: 'support-llm' },
    );
    const { createModelVersion } = await mutate<{ createModelVersion: { modelVersion: { id: string } } }>(
      client,
      'CreateModelVersion',
      {
        modelId: registerModel.model.id,
        uri: 's3://models/support-llm/1',
        digest: DIGEST,
        sizeBytes: '141107412992',
        parameters: '70553706496',
        precision: 'BF16',
        architecture: { layers: 80, kvHeads: 8, headDim: 128 },
      },
    );
    modelVersionId = createModelVersion.modelVersion.id;
    approver = await fleet().as('model-approver');
  });

  async function ask(): Promise<{ id: string; approvalId: string }> {
    const { createDeployment } = await mutate<{ createDeployment: Created }>(client, 'CreateDeployment', {
      projectId: tenant.projectId,
      modelVersionId,
      name: 'support-llm',
      image: 'vllm/vllm-openai',
      gpu: { modelIn: [H100], count: 4 },
      replicas: { min: 2, max: 2 },
    });
    expect(createDeployment).toMatchObject({
      deployment: { status: 'AWAITING_APPROVAL' },
      approval: { id: ID, status: 'PENDING' },
    });
    approver.follow(client);
    return { id: createDeployment.deployment.id, approvalId: createDeployment.approval?.id ?? '' };
  }

  const decide = (id: string, decision: 'APPROVE' | 'REJECT') =>
    approver.run('DecideApproval', { input: { id, decision, idempotencyKey: newKey() } });

  const standing = async (id: string) => dataOf(await client.send<Standing>(STANDING, { id })).deployment;
  const reaches = (id: string, wanted: string) =>
    until(`${id} is ${wanted}`, async () => (await standing(id)).status === wanted);
  const approvalReaches = (id: string, wanted: string) =>
    until(`the approval of ${id} is ${wanted}`, async () => (await standing(id)).approval?.status === wanted);

  test('what a model takes, the GPUs that hold it and their prices come with one query', async () => {
    const query = `query ($input: EstimateVramInput!) { estimateVram(input: $input) {
      weightsMiB kvCacheMiB totalMiB assumptions fits { gpus gpuModel { id name pricePerHour { amount currency } } } } }`;
    const input = { modelVersionId, contextTokens: 8192 };
    type Fit = { gpus: number; gpuModel: { id: string; name: string; pricePerHour: Money | null } };
    type Estimate = { estimateVram: { weightsMiB: number; fits: Fit[] } };
    const { estimateVram } = dataOf(await client.send<Estimate>(query, { input }));
    expect(estimateVram).toMatchObject({ weightsMiB: 134_571, kvCacheMiB: 2_560, totalMiB: 138_155 });
    expect(estimateVram.fits).toContainEqual({
      gpus: 2,
      gpuModel: { id: H100, name: 'H100 SXM5 80 GB', pricePerHour: usd('2.99') },
    });
  });

  test('a large deployment waits until a model approver agrees, serves, and its approval is used up', async () => {
    const { id, approvalId } = await ask();
    expect(dataOf(await decide(approvalId, 'APPROVE'))).toMatchObject({
      decideApproval: { approval: { id: approvalId, status: 'APPROVED' } },
    });
    await reaches(id, 'AVAILABLE');
    await approvalReaches(id, 'EXECUTED');
    const { endpoint, cost } = await standing(id);
    expect(endpoint).toBe(`http://${id.toLowerCase().replace('_', '-')}.${tenant.key}.svc:8080`);
    expect(cost.ratePerHour).toEqual(usd('23.92'));
    await until('the trail tells how it came to serve', async () => {
      const told = (await standing(id)).auditTrail.edges.map(({ node }) => node.type);
      return ['DeploymentRequested', 'DeploymentApprovalAsked', 'DeploymentAvailable'].every((type) =>
        told.includes(type),
      );
    });
    await mutate(client, 'DeleteDeployment', { id });
    await reaches(id, 'DELETED');
  });

  test('refused or deleted while it waits, a deployment never gets a device', async () => {
    const refused = await ask();
    dataOf(await decide(refused.approvalId, 'REJECT'));
    await reaches(refused.id, 'FAILED');
    expect(await standing(refused.id)).toMatchObject({
      endReason: 'APPROVAL_REJECTED',
      approval: { status: 'REJECTED' },
    });
    const deleted = await ask();
    expect(await mutate(client, 'DeleteDeployment', { id: deleted.id })).toMatchObject({
      deleteDeployment: { deployment: { status: 'DELETED' } },
    });
    await approvalReaches(deleted.id, 'WITHDRAWN');
    for (const { id } of [refused, deleted]) {
      const { auditTrail } = await standing(id);
      expect(auditTrail.edges.map(({ node }) => node.type)).not.toContain('DeploymentAdmissionAsked');
    }
  });
}
