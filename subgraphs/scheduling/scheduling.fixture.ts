import { randomUUID } from 'node:crypto';
import type { ApprovalOutcome } from '../../contracts/approval.js';
import type { Permission } from '../../contracts/permissions.js';
import type { ApprovalEvent } from '../../contracts/governance.events.js';
import type { ObservedNode, WorkloadEvent } from '../../contracts/resources.events.js';
import type { JobSpec } from '../../contracts/scheduling.events.js';
import { workloadIdOf } from '../../contracts/workloadId.js';
import { type BillingFake, createBillingFake } from '../../test/testkit/billingFake.js';
import {
  type Caller,
  dataOf,
  type Harness,
  person,
  startHarness,
} from '../../test/testkit/subgraphHarness.js';
import { until } from '../../test/testkit/until.js';
import { createScheduling, type Scheduling } from './app.js';
import { decideSubmit } from './job/job.decide.js';
import { newJob } from './job/job.fixture.js';
import type { JobState } from './job/job.js';
import { saveNewJob } from './job/job.save.js';

export const CLUSTER = 'eu-1';
export const H100 = 'h100-sxm5-80gb';
export const A100 = 'a100-sxm4-80gb';

const CONTENTS: Permission[] = ['project:read', 'contents:read'];

/** People with the rights that the shipped roles give in a project. */
export function peopleOf(projectId: string) {
  const inProject = (...permissions: Permission[]) =>
    person([], { [projectId]: [...CONTENTS, ...permissions] });
  return {
    researcher: inProject('job:writeOwn'),
    colleague: inProject('job:writeOwn'),
    admin: inProject('job:write', 'job:writeOwn'),
    /** Sees what is in the project, and may do nothing there. */
    modelApprover: inProject(),
    /** Sees that the project exists, and nothing in it. */
    auditor: person([], { [projectId]: ['project:read'] }),
    stranger: person(['fleet:read'], { elsewhere: [...CONTENTS, 'job:write', 'job:writeOwn'] }),
    operator: person(['fleet:read', 'project:read', 'amounts:read', 'fleet:operate']),
  };
}

export type SchedulingHarness = Harness<Scheduling> & { readonly billing: BillingFake };

/** Scheduling with a fake billing, and nothing heard of yet. */
export async function startBareScheduling(): Promise<SchedulingHarness> {
  const billing = createBillingFake();
  const harness = await startHarness((deps) => createScheduling({ ...deps, billing }));
  return Object.assign(harness, { billing });
}

/** A cluster with two nodes of 8 H100 GPUs and one of 8 A100 GPUs, and the demo's prices. */
export async function startScheduling(): Promise<SchedulingHarness> {
  const harness = await startBareScheduling();
  await setPrices(harness, 'example-2026-11', { [H100]: '2.99', [A100]: '1.79' });
  await addCluster(harness);
  for (const [name, model] of [
    ['h100-1', H100],
    ['h100-2', H100],
    ['a100-1', A100],
  ] as const)
    await addNode(harness, name, model);
  return harness;
}

/** A project of its own for a test, which may have so many GPUs of each model, with its people. */
export async function createTenant(harness: SchedulingHarness, nominal: Partial<Record<string, number>>) {
  const projectId = `project_${randomUUID()}`;
  await addProject(harness, projectId);
  for (const [model, gpus = 0] of Object.entries(nominal)) await setQuota(harness, projectId, model, gpus);
  const people = peopleOf(projectId);
  const callers = Object.fromEntries(
    Object.entries(people).map(([name, principal]) => [name, harness.as(principal)]),
  ) as Record<keyof typeof people, Caller>;
  return {
    projectId,
    people,
    ...callers,
    requestOf: (more: object = {}) => requestOf({ projectId, ...more }),
  };
}

export type Tenant = Awaited<ReturnType<typeof createTenant>>;

type Telling = Pick<Harness<Scheduling>, 'append'>;

/** A project that governance has created, with its queue. */
export async function addProject(
  { append, database }: Pick<Harness<Scheduling>, 'append' | 'database'>,
  id: string,
  parentId: string | null = null,
): Promise<void> {
  const data = { id, key: id, name: id, parentId };
  await append('governance', id, { type: 'ProjectCreated', data }, { projectId: id });
  const { queue } = database.prisma;
  await until('the project has a queue', async () => (await queue.count({ where: { projectId: id } })) > 0);
}

export const setQuota = ({ append }: Telling, projectId: string, gpuModelId: string, nominal: number) => {
  const id = `quota_${projectId}_${gpuModelId}`;
  return append('governance', id, { type: 'QuotaSet', data: { id, projectId, gpuModelId, nominal } });
};

/** A price book that counts from now on. */
export async function setPrices({ append }: Telling, version: string, perHour: Record<string, string>) {
  const id = `pricebook_${version}`;
  const inForceFrom = new Date(Date.now() - 1_000).toISOString();
  const rates = Object.entries(perHour).map(([gpuModelId, rate]) => ({ gpuModelId, perHour: rate }));
  const book = {
    id,
    version,
    currency: 'USD',
    effectiveFrom: inForceFrom,
    source: 'test',
    isExample: true,
    rates,
  };
  await append('billing', id, { type: 'PriceBookCreated', data: book });
  await append('billing', id, { type: 'PriceBookActivated', data: { id, inForceFrom } });
}

async function addCluster({ append }: Telling): Promise<void> {
  const data = { id: CLUSTER, name: CLUSTER, provider: 'kubernetes', region: null };
  await append('resources', CLUSTER, { type: 'ClusterRegistered', data });
  await setConnectivity({ append }, 'ONLINE');
}

/** As long as a cluster is offline no job is given its devices. */
export const setConnectivity = ({ append }: Telling, connectivity: 'ONLINE' | 'OFFLINE') =>
  append('resources', CLUSTER, {
    type: 'ClusterConnectivityChanged',
    data: { connectivity, reason: null },
  });

export function addNode({ append }: Telling, name: string, gpuModelId: string, count = 8) {
  const device = (index: number) =>
    ({ index, gpuModelId, uuid: null, memoryMiB: 81_559, health: 'HEALTHY' }) as const;
  const observed: ObservedNode = {
    name,
    zone: 'eu-1a',
    cpuMillis: 192_000,
    memoryMiB: 2_000_000,
    ready: true,
    unschedulable: false,
    devices: Array.from({ length: count }, (_, index) => device(index)),
  };
  const id = `${CLUSTER}/${name}`;
  return append('resources', id, { type: 'NodeDiscovered', data: { id, clusterId: CLUSTER, observed } });
}

const requestOf = (more: object) => ({
  name: 'train',
  image: 'docker.io/library/busybox:1.36',
  command: ['sh', '-c', 'true'],
  gpu: { modelIn: [H100], count: 1 },
  maxRuntime: 'PT1H',
  ...more,
});

const SUBMIT = `mutation ($input: SubmitJobInput!) {
  submitJob(input: $input) { eventId version approval { id status } job { id name phase version } }
}`;

export type Submitted = {
  eventId: string | null;
  version: number | null;
  approval: { id: string; status: string } | null;
  job: { id: string; name: string; phase: string; version: number };
};

/** Sends a request with a key of its own, unless `more` brings one. */
export const submitJob = (caller: Caller, request: object, more: object = {}) =>
  caller(SUBMIT, { input: { request, idempotencyKey: randomUUID(), ...more } });

export async function submitted(caller: Caller, request: object, more?: object): Promise<Submitted> {
  return dataOf<{ submitJob: Submitted }>(await submitJob(caller, request, more)).submitJob;
}

export const cancelJob = (caller: Caller, id: string, more: object = {}) =>
  caller(
    `mutation ($input: JobCommandInput!) { cancelJob(input: $input) { eventId version job { id phase endReason } } }`,
    { input: { id, idempotencyKey: randomUUID(), ...more } },
  );

/** What resources says of one attempt of a job. */
export const tellWorkload = (
  { append }: Telling,
  jobId: string,
  attempt: number,
  event: WorkloadEvent,
): Promise<void> => append('resources', workloadIdOf(jobId, attempt), event);

/** What governance says became of an approval. */
export const tellApproval = (
  { append }: Telling,
  type: Exclude<ApprovalEvent['type'], 'ApprovalRequested' | 'ApprovalDecided'>,
  outcome: ApprovalOutcome,
): Promise<void> => append('governance', outcome.approvalId, { type, data: outcome });

/** Jobs of a project that wait in its queue, oldest first. Quicker than to submit them one by one. */
export async function storeJobs(
  { app, database }: Pick<SchedulingHarness, 'app' | 'database'>,
  projectId: string,
  count: number,
  specOf: (index: number) => Partial<JobSpec> = () => ({}),
): Promise<string[]> {
  const { id: queueId } = await database.prisma.queue.findFirstOrThrow({ where: { projectId } });
  const request = { name: 'storeJobs', principal: person(), idempotencyKey: null, input: null };
  const ids = Array.from(
    { length: count },
    (_, index) => `job_${projectId}_${String(index).padStart(4, '0')}`,
  );
  await app.spine.commands.execute({ ...request, requestId: 'test', correlationId: 'test' }, async (unit) => {
    for (const [index, id] of ids.entries()) {
      const spec = { ...newJob.spec, ...specOf(index) };
      const job = { ...newJob, id, projectId, queueId, name: `job ${id}`, spec };
      await saveNewJob(unit, job, decideSubmit(job, null, unit.now));
    }
    return null;
  });
  return ids;
}

export async function jobState(
  { database }: Pick<SchedulingHarness, 'database'>,
  id: string,
): Promise<JobState> {
  const { state } = await database.prisma.job.findUniqueOrThrow({ where: { id } });
  return state as JobState;
}

/** Waits until the job is in the phase, and answers with its state then. */
export async function reaches(
  harness: Pick<SchedulingHarness, 'database'>,
  id: string,
  phase: JobState['phase'],
): Promise<JobState> {
  await until(`${id} is ${phase}`, async () => (await jobState(harness, id)).phase === phase);
  return jobState(harness, id);
}
