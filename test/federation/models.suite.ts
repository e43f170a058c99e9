import { expect, test } from 'vitest';
import { type Edges, ID, type Money, mutate, nodes } from '../testkit/answers.js';
import { type Client, dataOf, newKey, refusalOf } from '../testkit/fleet.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
/** More than a number holds exactly. */
const HUGE = '9007199254740993';

type Version = { id: string; number: number };
type Deployment = { id: string; status: string; traffic: { weightBp: number }[] };
type Item = { cursor: string; deployment: Deployment & { replicas: { desired: number; ready: number } } };
type Page = {
  aliases: object[];
  versions: Edges<{ deployments: { id: string; status: string; cost: { accrued: Money } }[] }>;
};

/** A researcher's and a model approver's: from a finished job to a model that serves. */
export function modelsSuite({ fleet }: Setting): void {
  async function finishedJob({ researcher, projectId }: Tenant): Promise<string> {
    const request = {
      projectId,
      name: 'train',
      image: 'pytorch/pytorch',
      command: ['python', 'train.py'],
      gpu: { modelIn: [H100], count: 1 },
      maxRuntime: 'PT10M',
      annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '1s' }],
    };
    const { submitJob } = await mutate<{ submitJob: { job: { id: string } } }>(researcher, 'SubmitJob', {
      request,
    });
    const { id } = submitJob.job;
    type Status = { jobStatus: { job: { phase: string } } };
    for await (const answer of researcher.subscribe<Status>('JobStatus', { id }))
      if (dataOf(answer).jobStatus.job.phase === 'SUCCEEDED') break;
    return id;
  }

  /** Follows the deployment's feed until it is there. */
  async function reaches(client: Client, id: string, status: string): Promise<Item['deployment']> {
    for await (const answer of client.subscribe<{ deploymentStatus: Item }>('DeploymentStatus', { id })) {
      const { deployment, cursor } = dataOf(answer).deploymentStatus;
      expect(cursor).toBeTruthy();
      if (deployment.status === status) return deployment;
    }
    throw new Error(`The feed of ${id} ended before it was ${status}`);
  }

  test('what a job trained becomes a version with names that move, and serves until it is taken down', async () => {
    const tenant = await createTenant(fleet(), { quotas: { [H100]: 1 }, monthlyBudget: '100' });
    const { projectId, researcher: client } = tenant;
    const jobId = await finishedJob(tenant);
    const { registerModel } = await mutate<{ registerModel: { model: { id: string } } }>(
      client,
      'RegisterModel',
      { projectId, name: 'segmenter', task: 'image-segmentation' },
    );
    const modelId = registerModel.model.id;
    const { createModelVersion } = await mutate<{ createModelVersion: { modelVersion: Version } }>(
      client,
      'CreateModelVersion',
      {
        modelId,
        uri: 's3://models/segmenter/1',
        digest: DIGEST,
        sizeBytes: HUGE,
        parameters: '7250000000',
        precision: 'BF16',
        producedByJobId: jobId,
      },
    );
    const { modelVersion } = createModelVersion;
    expect(createModelVersion).toMatchObject({
      eventId: ID,
      modelVersion: { number: 1, status: 'READY', digest: DIGEST, producedBy: { id: jobId, name: 'train' } },
    });
    const versionId = modelVersion.id;
    await checkAliases(client, modelId, { id: versionId, number: 1 });

    const { createDeployment } = await mutate<{ createDeployment: { deployment: Deployment } }>(
      client,
      'CreateDeployment',
      {
        projectId,
        modelVersionId: versionId,
        name: 'segmenter',
        image: 'vllm/vllm-openai',
        gpu: { modelIn: [H100], count: 1 },
        replicas: { min: 1, max: 1 },
      },
    );
    const { id } = createDeployment.deployment;
    const traffic = [{ version: { number: 1 }, weightBp: 10_000 }];
    expect(createDeployment).toMatchObject({ eventId: ID, deployment: { id, traffic }, approval: null });
    const serving = await reaches(client, id, 'AVAILABLE');
    expect(serving).toMatchObject({ id, replicas: { desired: 1, ready: 1 }, traffic });

    const page = async () => dataOf(await client.run<{ model: Page }>('ModelPage', { id: modelId })).model;
    expect(await page()).toMatchObject({
      id: modelId,
      name: 'segmenter',
      project: { id: projectId },
      aliases: [
        { name: 'champion', version: { id: versionId, number: 1 } },
        { name: 'production', version: { id: versionId, number: 1 } },
      ],
    });
    expect(nodes((await page()).versions)).toMatchObject([
      {
        id: versionId,
        sizeBytes: HUGE,
        parameters: '7250000000',
        precision: 'BF16',
        producedBy: { id: jobId, name: 'train' },
        deployments: [{ id, status: 'AVAILABLE' }],
      },
    ]);
    type Produced = { job: { producedVersions: object[] } };
    const { job } = dataOf(await client.run<Produced>('JobPage', { id: jobId }));
    expect(job.producedVersions).toEqual([
      { id: versionId, number: 1, model: { id: modelId, name: 'segmenter' } },
    ]);

    expect(await mutate(client, 'DeleteDeployment', { id })).toMatchObject({
      deleteDeployment: { eventId: ID, deployment: { id, status: 'DELETING' } },
    });
    await reaches(client, id, 'DELETED');
    await until('it has cost something', async () => {
      const [version] = nodes((await page()).versions);
      return Number(version?.deployments[0]?.cost.accrued.amount) > 0;
    });
  });

  /** Anybody who works there moves a plain alias; a protected one is for those who approve models. */
  async function checkAliases(client: Client, modelId: string, version: { id: string; number: number }) {
    const alias = { modelId, versionId: version.id };
    const set = (who: Client, name: string) => mutate(who, 'SetAlias', { ...alias, name });
    expect(await set(client, 'champion')).toEqual({
      setAlias: { eventId: ID, alias: { name: 'champion', version } },
    });
    const input = { ...alias, name: 'production', idempotencyKey: newKey() };
    expect(refusalOf(await client.run('SetAlias', { input }))?.code).toBe('FORBIDDEN');
    const approver = (await fleet().as('model-approver')).follow(client);
    expect(await set(approver, 'production')).toEqual({
      setAlias: { eventId: ID, alias: { name: 'production', version } },
    });
  }
}
