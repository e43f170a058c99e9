import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createDatabaseLease, type DatabaseLease } from '../../../platform/lease/databaseLease.js';
import { createInProcessLog } from '../../../platform/log/inProcessLog.js';
import { buildWith } from '../../../platform/disposables.js';
import { createEventStore } from '../../../platform/eventStore/eventStore.js';
import { createTails } from '../../../platform/server/tails.js';
import { createLog } from '../../../platform/telemetry/log.js';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  A100,
  CLUSTER,
  createTenant,
  H100,
  setConnectivity,
  startScheduling,
  submitted,
  type Tenant,
} from '../scheduling.fixture.js';
import type { Reserve } from '../job/job.reservation.js';
import { createScheduler } from './pass.scheduler.js';

const harness = await startScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

const STANDING = `query ($id: ID!) { job(id: $id) { phase queuePosition eta { p50 p90 reason }
  blockers { code rank need free unit since action ref { type id } } queue { waiting etaHitRate } } }`;

type Standing = {
  phase: string;
  queuePosition: number | null;
  eta: { p50: string | null; p90: string | null; reason: string | null } | null;
  blockers: { code: string; since: string }[];
};

const standing = async ({ researcher }: Tenant, id: string): Promise<Standing> =>
  dataOf<{ job: Standing }>(await researcher(STANDING, { id })).job;

const codes = async (tenant: Tenant, id: string) =>
  (await standing(tenant, id)).blockers.map(({ code }) => code);

/**
 * Another process that runs the pass on the same database. Of those with the same lease one leads; it notes which jobs it
 * would reserve.
 */
const replica = (leaseName: string) =>
  buildWith(async ({ use }) => {
    const { database, billing } = harness;
    const eventLog = use(createInProcessLog({ pollMs: 20 }));
    const log = createLog({ name: 'test', level: 'silent' });
    const history = (context: string) => createEventStore(database.prisma, context);
    const tails = use(createTails({ eventLog, history, log }));
    const onError = (error: unknown) => expect.fail(String(error));
    const lease: DatabaseLease = use(
      createDatabaseLease({ database, name: leaseName, termMs: 5_000, onError }),
    );
    await lease.start();
    const reserved: string[] = [];
    const reserve: Reserve = async (jobId) => {
      reserved.push(jobId);
      return { outcome: 'MOVED_ON' };
    };
    const scheduler = use(createScheduler({ database, tails, log, lease, billing, reserve }));
    await scheduler.start();
    return { scheduler, lease, reserved };
  });

const isReserved = async (id: string) =>
  (await harness.database.prisma.job.findUniqueOrThrow({ where: { id } })).phase === 'RESERVED';

/** Devices that an instance of the project has. */
async function occupy(projectId: string, node: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const id = `allocation_${randomUUID()}`;
    ids.push(id);
    const device = { gpuId: `${CLUSTER}/${node}/${index}`, gpuModelId: H100, nodeId: `${CLUSTER}/${node}` };
    const owner = { kind: 'INSTANCE', id: 'instance_1' };
    const data = { id, owner, projectId, ...device, basisPoints: 10_000, from: new Date().toISOString() };
    await harness.append('resources', id, { type: 'AllocationOpened', data });
  }
  return ids;
}

test('a job that may start is reserved at once, and the decision is stored with what it rests on', async () => {
  const tenant = await createTenant(harness, { [H100]: 4 });
  const { job } = await submitted(tenant.researcher, tenant.requestOf());
  await until('it is reserved', () => isReserved(job.id));
  const { decision: decisions } = harness.database.prisma;
  const ofJob = { where: { jobId: job.id } };
  await until('the decision is stored', async () => (await decisions.count(ofJob)) > 0);
  const decision = await decisions.findFirstOrThrow(ofJob);
  expect(decision).toMatchObject({
    verdict: 'START',
    projectId: tenant.projectId,
    inputs: {
      share: 0,
      checks: expect.arrayContaining([{ subject: `DEVICES ${H100}`, code: null, need: '1', free: '16' }]),
    },
  });
  const events = await harness.app.spine.store.readStream(job.id);
  expect(events.find(({ type }) => type === 'JobReserved')?.causationId).toBe(decision.id);
});

test('a job says everything that keeps it, and starts once the last of it is cleared', async () => {
  await setConnectivity(harness, 'OFFLINE');
  const tenant = await createTenant(harness, { [H100]: 8 });
  const { projectId } = tenant;
  const taken = await occupy(projectId, 'h100-1', 6);
  harness.billing.setBudget(projectId, '1');
  const budget = { id: 'budget_1', projectId, period: 'MONTH', amount: '1', currency: 'USD', thresholds: [] };
  await harness.append('billing', 'budget_1', { type: 'BudgetCreated', data: budget });
  const request = tenant.requestOf({ gpu: { modelIn: [H100], count: 4 } });
  const { job } = await submitted(tenant.researcher, request);
  await until('all is said', async () => (await codes(tenant, job.id)).length === 3);
  const before = await standing(tenant, job.id);
  expect(before).toMatchObject({
    phase: 'QUEUED',
    queuePosition: 1,
    blockers: [
      { code: 'QUOTA', rank: 1, need: '4', free: '2', unit: 'GPU', ref: { type: 'Project', id: projectId } },
      { code: 'BUDGET', rank: 2, need: '11.96', free: '1', unit: 'USD' },
      { code: 'CLUSTER_OFFLINE', rank: 3, ref: { type: 'Cluster', id: CLUSTER } },
    ],
  });

  for (const id of taken)
    await harness.append('resources', id, {
      type: 'AllocationClosed',
      data: { id, to: new Date().toISOString() },
    });
  await until(
    'the quota is no blocker',
    async () => (await codes(tenant, job.id)).join() === 'BUDGET,CLUSTER_OFFLINE',
  );
  const after = await standing(tenant, job.id);
  expect(after.blockers.map(({ since }) => since)).toEqual(
    before.blockers.slice(1).map(({ since }) => since),
  );

  await setConnectivity(harness, 'ONLINE');
  await until('only money is missing', async () => (await codes(tenant, job.id)).join() === 'BUDGET');
  harness.billing.setBudget(projectId, '1000');
  await harness.append('billing', 'budget_1', {
    type: 'BudgetAmountChanged',
    data: { id: 'budget_1', amount: '1000' },
  });
  await until('it is reserved', () => isReserved(job.id));
  expect(await standing(tenant, job.id)).toMatchObject({ queuePosition: null, blockers: [], eta: null });
});

test('money that runs out during reservations keeps the rest waiting for it', async () => {
  const tenant = await createTenant(harness, { [A100]: 8 });
  const { projectId } = tenant;
  harness.billing.setBudget(projectId, '4');
  const budget = { id: 'budget_2', projectId, period: 'MONTH', amount: '4', currency: 'USD', thresholds: [] };
  await harness.append('billing', 'budget_2', { type: 'BudgetCreated', data: budget });
  const request = tenant.requestOf({ gpu: { modelIn: [A100], count: 1 } });
  const jobs = await Promise.all([1, 2, 3, 4].map(() => submitted(tenant.researcher, request)));
  const phases = async () =>
    (await Promise.all(jobs.map(({ job }) => standing(tenant, job.id)))).map(
      ({ phase, blockers }) => `${phase} ${blockers.map(({ code }) => code).join()}`,
    );
  // An hour costs 1.79: there is money for two.
  const expected = ['QUEUED BUDGET', 'QUEUED BUDGET', 'RESERVED ', 'RESERVED '];
  await until('two have money', async () => (await phases()).sort().join() === expected.join());
  const holds = [...harness.billing.holds.values()].filter((hold) => hold.projectId === projectId);
  expect(holds).toHaveLength(2);
});

test('many waiting jobs are told where they stand without a further statement', async () => {
  const tenant = await createTenant(harness, { [H100]: 1 });
  await occupy(tenant.projectId, 'h100-1', 1);
  const jobs = await Promise.all(
    Array.from({ length: 5 }, () => submitted(tenant.researcher, tenant.requestOf())),
  );
  const last =
    jobs
      .map(({ job }) => job.id)
      .sort()
      .at(-1) ?? '';
  await until('all are known', async () => (await standing(tenant, last)).queuePosition === 5);
  const list = `query ($id: ID!) { jobs(projectId: $id, first: 50) { edges { node { id FIELDS } } } }`;
  const ask = (fields: string) =>
    harness.count(() => tenant.researcher(list.replace('FIELDS', fields), { id: tenant.projectId }));
  const without = await ask('phase');
  const { statements, result } = await ask('phase queuePosition blockers { code } eta { p90 }');
  expect(statements).toBe(without.statements);
  const { edges } = dataOf<{ jobs: { edges: { node: Standing }[] } }>(result).jobs;
  expect(new Set(edges.map(({ node }) => node.queuePosition))).toEqual(new Set([1, 2, 3, 4, 5]));
});

test('a process that starts anew goes on with what is known, and since when', async () => {
  const tenant = await createTenant(harness, { [H100]: 1 });
  const { projectId } = tenant;
  await occupy(tenant.projectId, 'h100-1', 1);
  const { job } = await submitted(tenant.researcher, tenant.requestOf());
  const { decision } = harness.database.prisma;
  await until(
    'the decision is stored',
    async () => (await decision.count({ where: { projectId, endedAt: null } })) > 0,
  );
  const before = await standing(tenant, job.id);
  const [stored] = await decision.findMany({ where: { projectId, endedAt: null } });

  await using again = await replica('again');
  const { scheduler } = again;
  await scheduler.start();
  await until(
    'it has looked at the job',
    async () => ((await scheduler.standingOf([job.id])).get(job.id)?.blockers ?? [])[0]?.code === 'QUOTA',
  );
  const after = (await scheduler.standingOf([job.id])).get(job.id);
  expect(after?.blockers.map(({ code, since }) => ({ code, since }))).toEqual(
    before.blockers.map(({ code, since }) => ({ code, since })),
  );
  expect(await decision.findMany({ where: { projectId, endedAt: null } })).toEqual([stored]);
});

test('a process that does not lead knows where a job stands, and reserves only once it leads', async () => {
  const tenant = await createTenant(harness, { [H100]: 4 });
  await setConnectivity(harness, 'OFFLINE');
  const { job } = await submitted(tenant.researcher, tenant.requestOf());
  const { decision } = harness.database.prisma;
  const ofProject = { where: { projectId: tenant.projectId } };
  await until('the leader of the harness has decided', async () => (await decision.count(ofProject)) > 0);
  const stored = await decision.count(ofProject);

  await using first = await replica('shared');
  await using second = await replica('shared');
  expect([first.lease.term() !== null, second.lease.term() !== null]).toEqual([true, false]);
  const blockersAt = async ({ scheduler }: typeof first) =>
    ((await scheduler.standingOf([job.id])).get(job.id)?.blockers ?? []).map(({ code, since }) => ({
      code,
      since,
    }));
  for (const each of [first, second])
    await until(
      'it knows why the job waits',
      async () => (await blockersAt(each))[0]?.code === 'CLUSTER_OFFLINE',
    );
  expect(await blockersAt(second)).toEqual(await blockersAt(first));
  expect(await decision.count(ofProject)).toBe(stored);

  await first[Symbol.asyncDispose]();
  await until('the second leads', () => second.lease.term() !== null);
  expect(second.reserved).toEqual([]);
  expect((await blockersAt(second))[0]?.code).toBe('CLUSTER_OFFLINE');
});
