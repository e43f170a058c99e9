import { expect, test } from 'vitest';
import { SUBGRAPH_NAMES } from '../../contracts/subgraphs.js';
import { mutate } from '../testkit/answers.js';
import { dataOf } from '../testkit/fleet.js';
import { shareFleet } from '../testkit/sharedFleet.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import { startReplicaFleet } from './replicaFleet.js';

const H100 = 'h100-sxm5-80gb';
/** A lease runs out, and what has waited is caught up with. */
const TAKEN_OVER_MS = 60_000;

const fleet = shareFleet(startReplicaFleet);

/** Each of these happens once in the life of what it happens to. */
const ONCE = [
  ...['InstanceRequested', 'InstanceTerminated', 'JobSubmitted', 'JobQueued', 'JobReserved', 'JobStarting'],
  ...['JobRunning', 'JobSucceeded', 'WorkloadAdmitted', 'WorkloadEnded', 'WorkloadCleared'],
  ...['AllocationOpened', 'AllocationClosed', 'HoldPlaced', 'HoldReleased', 'QueueCreated'],
];

async function submit({ researcher, projectId }: Tenant, name: string): Promise<string> {
  const request = {
    projectId,
    name,
    image: 'pytorch/pytorch',
    command: ['python', 'train.py'],
    gpu: { modelIn: [H100], count: 2 },
    maxRuntime: 'PT10M',
    annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '1s' }],
  };
  const { submitJob } = await mutate<{ submitJob: { job: { id: string } } }>(researcher, 'SubmitJob', {
    request,
  });
  return submitJob.job.id;
}

const phaseOf = async ({ researcher }: Tenant, id: string) =>
  dataOf(await researcher.run<{ job: { phase: string } }>('JobPage', { id })).job.phase;

const succeeds = (tenant: Tenant, id: string, withinMs?: number) =>
  until(`${id} has succeeded`, async () => (await phaseOf(tenant, id)) === 'SUCCEEDED', withinMs);

/** What happened more often than it may, by stream and type. */
const repeated = () =>
  fleet().database.prisma.$queryRaw<{ stream: string; type: string; count: bigint }[]>`
    SELECT stream_id AS stream, type, count(*) FROM eventlog.event WHERE type = ANY(${ONCE})
    GROUP BY stream_id, type HAVING count(*) > 1`;

async function expectEverythingOnce(): Promise<void> {
  const { prisma } = fleet().database;
  expect(await repeated()).toEqual([]);
  expect(await prisma.deadLetter.findMany()).toEqual([]);
  await until(
    'all is in the trail',
    async () => (await prisma.auditEvent.count()) >= (await prisma.event.count()),
  );
  const [trail] = await prisma.$queryRaw<object[]>`
    SELECT count(*) - count(DISTINCT id) AS twice, max(sequence) - count(*) AS missing FROM governance.audit_event`;
  expect(trail).toEqual({ twice: 0n, missing: 0n });
}

test('an instance lives and a job runs, each request at another replica, and every effect happens once', async () => {
  const tenant = await createTenant(fleet(), { quotas: { [H100]: 4 }, monthlyBudget: '100' });
  const { researcher } = tenant;
  const { requestInstance } = dataOf(await tenant.requestInstance(H100, 2));
  const { id } = requestInstance.instance;
  await tenant.reaches(id, 'RUNNING');
  const jobId = await submit(tenant, 'beside the instance');
  await mutate(researcher, 'StopInstance', { id });
  await tenant.reaches(id, 'STOPPED');
  await mutate(researcher, 'StartInstance', { id });
  await tenant.reaches(id, 'RUNNING');
  await tenant.end(id);
  await succeeds(tenant, jobId);

  const { prisma } = fleet().database;
  const countOf = (streamId: string, type: string) => prisma.event.count({ where: { streamId, type } });
  expect([await countOf(jobId, 'JobReserved'), await countOf(jobId, 'JobSucceeded')]).toEqual([1, 1]);
  const holds = await prisma.event.findMany({ where: { type: 'HoldPlaced' } });
  const ofJob = holds.filter(({ data }) => (data as { ownerId: string }).ownerId === jobId);
  expect(ofJob).toHaveLength(1);
  expect(await prisma.decision.count({ where: { jobId } })).toBe(1);
  await expectEverythingOnce();
}, 240_000);

test('when whoever leads is killed the others go on', async () => {
  const tenant = await createTenant(fleet(), { quotas: { [H100]: 2 }, monthlyBudget: '100' });
  const jobs = [await submit(tenant, 'before')];
  for (const name of SUBGRAPH_NAMES) await fleet().kill(name, await fleet().leaderOf(name));
  jobs.push(await submit(tenant, 'after'));
  for (const id of jobs) await succeeds(tenant, id, TAKEN_OVER_MS);
  await expectEverythingOnce();
}, 240_000);
