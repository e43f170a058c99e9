import { randomUUID } from 'node:crypto';
import type { DeploymentPlan, ResourcesCalls } from '../../contracts/calls.js';
import type { Permission } from '../../contracts/permissions.js';
import type { PublicError } from '../../platform/errors.js';
import type { Principal } from '../../platform/identity/principal.js';
import { dataOf, type Harness, person, startHarness } from '../../test/testkit/subgraphHarness.js';
import { createModels, type Models } from './app.js';

export type ModelsHarness = Harness<Models> & { readonly resources: ResourcesFake };

/** Resources as models see it: what it answers is set, and what it was asked is kept. */
export interface ResourcesFake extends ResourcesCalls {
  /** What the next plans say; a refusal is thrown. */
  answer: Partial<DeploymentPlan> | PublicError;
  readonly asked: Parameters<ResourcesCalls['planDeployment']>[0][];
}

function createResourcesFake(): ResourcesFake {
  const fake: ResourcesFake = {
    answer: {},
    asked: [],
    async planDeployment(input) {
      fake.asked.push(input);
      if (fake.answer instanceof Error) throw fake.answer;
      return {
        planHash: PLAN_HASH,
        policyVersion: 'test-1',
        rules: [],
        estimate: { perHour: '2.99', total: null, currency: 'USD', priceBookVersion: 'test' },
        quota: [{ gpuModelId: H100, nominal: 8, used: 0, requested: 1 }],
        ...fake.answer,
      };
    },
  };
  return fake;
}

export const H100 = 'h100-sxm5-80gb';
export const PLAN_HASH = 'a'.repeat(64);
export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Models on a database of its own. What it hears of other contexts the test stores in their names. */
export async function startModels(...open: Parameters<typeof startHarness>[1][]): Promise<ModelsHarness> {
  const resources = createResourcesFake();
  const harness = await startHarness((deps) => createModels({ ...deps, resources }), ...open);
  return Object.assign(harness, { resources });
}

export const holder = (projectId: string, ...rights: Permission[]): Principal =>
  person([], { [projectId]: rights });

export const researcherOf = (projectId: string): Principal =>
  holder(projectId, 'project:read', 'contents:read', 'model:read', 'model:write', 'deployment:writeOwn');

export const approverOf = (projectId: string): Principal =>
  holder(projectId, 'project:read', 'model:read', 'model:write', 'alias:writeProtected');

export async function addProject(harness: ModelsHarness, key?: string): Promise<string> {
  const id = `project_${randomUUID()}`;
  const data = { id, key: key ?? id, name: id, parentId: null };
  await harness.append('governance', id, { type: 'ProjectCreated', data }, { projectId: id });
  return id;
}

export async function addJob(harness: ModelsHarness, projectId: string): Promise<string> {
  const id = `job_${randomUUID()}`;
  const data = { id, projectId, queueId: 'queue_1', name: 'train', spec: {}, planHash: '' };
  await harness.append('scheduling', id, { type: 'JobSubmitted', data }, { projectId });
  return id;
}

/** Runs a mutation with an input and selects the given fields of its payload. */
export const mutate = (
  harness: ModelsHarness,
  as: Principal,
  { name, input, select }: { name: string; input: object; select: string },
) => {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input!`;
  const document = `mutation ($input: ${INPUT_TYPES[name] ?? type}) { ${name}(input: $input) { ${select} } }`;
  return harness.as(as)(document, { input: { idempotencyKey: randomUUID(), ...input } });
};

const INPUT_TYPES: Readonly<Record<string, string>> = {
  deleteDeployment: 'DeploymentCommandInput!',
  restoreTraffic: 'DeploymentCommandInput!',
  releaseModelVersion: 'ModelVersionCommandInput!',
  archiveModelVersion: 'ModelVersionCommandInput!',
};

/** The id of a new model. */
export async function registered(
  harness: ModelsHarness,
  as: Principal,
  projectId: string,
  name = 'llama-3.1-8b',
): Promise<string> {
  const input = { projectId, name };
  const answer = await mutate(harness, as, { name: 'registerModel', input, select: 'model { id }' });
  return dataOf<{ registerModel: { model: { id: string } } }>(answer).registerModel.model.id;
}

export const versionOf = (modelId: string, more: object = {}) => ({
  modelId,
  uri: 's3://models/llama/1',
  digest: DIGEST,
  sizeBytes: '16060522496',
  ...more,
});

/** The id of a new version. */
export async function created(
  harness: ModelsHarness,
  as: Principal,
  modelId: string,
  more: object = {},
): Promise<string> {
  const input = versionOf(modelId, more);
  const answer = await mutate(harness, as, {
    name: 'createModelVersion',
    input,
    select: 'modelVersion { id }',
  });
  return dataOf<{ createModelVersion: { modelVersion: { id: string } } }>(answer).createModelVersion
    .modelVersion.id;
}

export const deploymentOf = (projectId: string, modelVersionId: string, more: object = {}) => ({
  projectId,
  modelVersionId,
  name: 'support-bot',
  image: 'docker.io/vllm/vllm-openai:v0.8.4',
  gpu: { modelIn: [H100], count: 1 },
  ...more,
});

/** The id of a new deployment. */
export async function deployed(
  harness: ModelsHarness,
  as: Principal,
  input: ReturnType<typeof deploymentOf>,
): Promise<string> {
  const answer = await mutate(harness, as, { name: 'createDeployment', input, select: 'deployment { id }' });
  return dataOf<{ createDeployment: { deployment: { id: string } } }>(answer).createDeployment.deployment.id;
}

/** Tells models what became of a deployment's workload. */
export const tell = (harness: ModelsHarness, deploymentId: string, type: string, data: object) =>
  harness.append('resources', `workload_${deploymentId}_1`, { type, data });
