import { ulid } from 'ulid';
import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { JobEvent, JobSpec } from '../../../contracts/scheduling.events.js';
import { until } from '../../../test/testkit/until.js';
import { H100, people, type ResourcesHarness } from '../resources.fixture.js';
import { workloadId, type WorkloadState } from './workload.js';

type Telling = Pick<ResourcesHarness, 'append'>;
type Reserved = (JobEvent & { type: 'JobReserved' })['data'];
type Asked = (DeploymentEvent & { type: 'DeploymentAdmissionAsked' })['data'];

const IN_AN_HOUR = '2099-01-01T00:00:00.000Z';

export const jobSpec = (more: Partial<JobSpec> = {}): JobSpec => ({
  image: 'docker.io/library/trainer:1',
  command: ['python', 'train.py'],
  gpu: { modelIn: [H100], count: 2 },
  env: [],
  secretRefs: [],
  labels: [],
  annotations: [],
  ...more,
});

/** What scheduling says of a job that it reserved. */
export const reservation = (more: Partial<Reserved> = {}): Reserved => ({
  attempt: 1,
  projectId: 'vision',
  name: 'train',
  spec: jobSpec(),
  gpuModelId: H100,
  holdId: 'hold_of_scheduling',
  maxRuntimeSeconds: 3_600,
  deadline: IN_AN_HOUR,
  ...more,
});

export const newJob = (): string => `job_${ulid()}`;

/** Scheduling reserves a job, and resources have answered. */
export async function reserve(
  harness: ResourcesHarness,
  more: Partial<Reserved> = {},
  jobId: string = newJob(),
): Promise<string> {
  const data = reservation(more);
  await tellJob(harness, jobId, { type: 'JobReserved', data });
  const id = workloadId({ id: jobId }, data.attempt);
  await until(`${id} is answered`, async () => (await eventsOf(harness, id)).length > 0);
  return jobId;
}

export const tellJob = ({ append }: Telling, jobId: string, event: JobEvent) =>
  append('scheduling', jobId, event);

export const tellDeployment = ({ append }: Telling, deploymentId: string, event: DeploymentEvent) =>
  append('models', deploymentId, event);

export const deploymentAsk = (more: Partial<Asked> = {}): Asked => ({
  projectId: 'vision',
  name: 'answers',
  spec: {
    image: 'docker.io/library/server:1',
    port: 8080,
    gpu: { modelIn: [H100], count: 1 },
    replicas: { min: 2, max: 2 },
    model: { uri: 's3://models/answers', digest: `sha256:${'a'.repeat(64)}` },
  },
  request: { name: 'answers' },
  planHash: '',
  deadline: IN_AN_HOUR,
  ...more,
});

/** Waits until resources know all that other contexts have said. */
export const settle = (harness: ResourcesHarness) => harness.as(people.researcher)('{ __typename }');

/** The plan's hash that the deployment would have now. */
export async function planned({ app }: ResourcesHarness, asked: Asked): Promise<Asked> {
  const { projectId, spec, request } = asked;
  const { gpu, replicas } = spec;
  const { planHash } = await app.calls.planDeployment({ projectId, gpu, replicas, request, planHash: null });
  return { ...asked, planHash };
}

/** Models ask for a deployment's devices, and resources have answered. */
export async function askDeployment(
  harness: ResourcesHarness,
  more: Partial<Asked> = {},
  deploymentId = `deployment_${ulid()}`,
): Promise<string> {
  const asked = deploymentAsk(more);
  const data = asked.planHash === '' ? await planned(harness, asked) : asked;
  await tellDeployment(harness, deploymentId, { type: 'DeploymentAdmissionAsked', data });
  const id = workloadId({ id: deploymentId }, 1);
  await until(`${id} is answered`, async () => (await eventsOf(harness, id)).length > 0);
  return deploymentId;
}

export const eventsOf = async (
  { app }: Pick<ResourcesHarness, 'app'>,
  id: string,
): Promise<WorkloadEvent[]> => (await app.spine.store.readStream(id)) as unknown as WorkloadEvent[];

export const typesOf = async (harness: Pick<ResourcesHarness, 'app'>, id: string): Promise<string[]> =>
  (await eventsOf(harness, id)).map(({ type }) => type);

export async function stateOf(
  { database }: Pick<ResourcesHarness, 'database'>,
  ownerId: string,
  attempt = 1,
): Promise<WorkloadState | null> {
  const row = await database.prisma.workload.findUnique({ where: { ownerId_attempt: { ownerId, attempt } } });
  return row && (row.state as unknown as WorkloadState);
}

export const reaches = (
  harness: Pick<ResourcesHarness, 'database'>,
  ownerId: string,
  phase: string,
  attempt = 1,
) => until(`${ownerId} is ${phase}`, async () => (await stateOf(harness, ownerId, attempt))?.phase === phase);

export const openDevicesOf = async ({ database }: Pick<ResourcesHarness, 'database'>, ownerId: string) =>
  (
    await database.prisma.allocation.findMany({
      where: { ownerId, closedAt: null },
      orderBy: { gpuId: 'asc' },
    })
  ).map(({ gpuId }) => gpuId);
