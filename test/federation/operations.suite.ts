import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, dataOf, newKey, refusalOf, type TestFleet } from '../testkit/fleet.js';
import { operations } from '../testkit/operations.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const H100 = 'h100-sxm5-80gb';

type Edges<Item> = { edges: { cursor: string; node: Item }[]; pageInfo: PageInfo };
type PageInfo = { hasNextPage: boolean; endCursor: string | null };
type Me = {
  me: { id: string; displayName: string; permissions: string[]; projects: Edges<{ key: string }> };
};
type Money = { amount: string; currency: string };

const usd = (amount: string): Money => ({ amount, currency: 'USD' });
const nodes = <Item>({ edges }: Edges<Item>): Item[] => edges.map(({ node }) => node);
const ID = expect.stringMatching(/./) as string;

/**
 * Every trusted document, run through the gateway as the user it is for, and what it answers. `measured` is false where
 * the cluster has no exporters of GPU metrics.
 */
export function operationsSuite(start: () => Promise<Omit<TestFleet, 'fleet'>>, measured = true): void {
  let fleet: Omit<TestFleet, 'fleet'>;
  let admin: Client;
  let researcher: Client;

  beforeAll(async () => {
    fleet = await start();
    admin = await fleet.as('org-admin');
    researcher = await fleet.as('vision-researcher');
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  const mutate = async <Data>(client: Client, name: string, input: object): Promise<Data> =>
    dataOf(await client.run<Data>(name, { input: { idempotencyKey: newKey(), ...input } }));
  const me = async (client: Client) => dataOf(await client.run<Me>('Me')).me;
  const keysOf = async (client: Client) => nodes((await me(client)).projects).map(({ key }) => key);

  test('an administrator sees who they are, and makes a project with its quota and its budget', async () => {
    const self = await me(admin);
    expect(self.displayName).toBe('Olga Admin');
    expect(self.permissions).toContain('project:create');
    expect(await keysOf(admin)).toEqual(expect.arrayContaining(['speech', 'vision']));

    const made = await mutate<{ createProject: { project: { id: string; createdAt: string } } }>(
      admin,
      'CreateProject',
      { key: 'onboarding', name: 'Onboarding' },
    );
    const { id: projectId, createdAt } = made.createProject.project;
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(60_000);
    expect(made.createProject).toEqual({
      eventId: ID,
      version: 1,
      project: {
        id: projectId,
        key: 'onboarding',
        name: 'Onboarding',
        status: 'ACTIVE',
        createdAt,
        createdBy: { id: self.id, displayName: 'Olga Admin' },
      },
    });
    expect(await keysOf(admin)).toContain('onboarding');

    expect(await mutate(admin, 'SetQuota', { projectId, gpuModelId: H100, nominal: 4 })).toEqual({
      setQuota: {
        eventId: ID,
        version: 1,
        quota: {
          id: ID,
          gpuModel: { id: H100, name: 'H100 SXM5 80 GB' },
          nominal: 4,
          used: 0,
          held: 0,
        },
      },
    });

    const budget = { id: ID, period: 'MONTH', spent: usd('0'), held: usd('0'), status: 'OK' };
    const money = await mutate<{ createBudget: { budget: { id: string } } }>(admin, 'CreateBudget', {
      projectId,
      period: 'MONTH',
      amount: usd('100.50'),
    });
    expect(money).toEqual({
      createBudget: { eventId: ID, version: 1, budget: { ...budget, amount: usd('100.5') } },
    });
    const { id } = money.createBudget.budget;
    const finops = await fleet.as('finops');
    expect(await mutate(finops, 'UpdateBudget', { id, amount: usd('200'), expectedVersion: 1 })).toEqual({
      updateBudget: { eventId: ID, version: 2, budget: { id, amount: usd('200'), status: 'OK' } },
    });
  });

  test('a role that is bound or revoked changes what its holder may do at once', async () => {
    const found = dataOf(
      await admin.run<{ users: Edges<{ id: string; displayName: string }> }>('Users', {
        search: 'speech-res',
        first: 10,
      }),
    );
    expect(nodes(found.users)).toEqual([{ id: ID, displayName: 'Ravi Speech' }]);
    const userId = found.users.edges[0]?.node.id ?? '';

    const { projectId, key, request } = await createTenant(fleet, { quotas: { [H100]: 2 } });
    const joiner = await fleet.as('speech-researcher');
    const plan = () => joiner.run('PlanInstance', { input: request(H100, 1) });
    expect(await keysOf(joiner)).toEqual(['speech']);
    expect(refusalOf(await plan())?.code).toBe('NOT_FOUND');

    const bound = await mutate<{ bindRole: { roleBinding: { id: string } } }>(admin, 'BindRole', {
      subject: { userId },
      role: 'Researcher',
      projectId,
    });
    const { id } = bound.bindRole.roleBinding;
    const roleBinding = { id, role: 'Researcher', expiresAt: null };
    expect(bound).toEqual({ bindRole: { eventId: ID, roleBinding } });
    expect(await keysOf(joiner)).toEqual(['speech', key]);
    expect(dataOf(await plan())).toMatchObject({ planInstance: { feasible: true } });

    expect(await mutate(admin, 'RevokeRole', { id })).toEqual({ revokeRole: { eventId: ID, roleBinding } });
    expect(await keysOf(joiner)).toEqual(['speech']);
    expect(refusalOf(await plan())?.code).toBe('NOT_FOUND');
  });

  test('the catalogue says what each model is, what it costs, and how many devices are free', async () => {
    const { gpuCatalogue } = dataOf(
      await researcher.run<{ gpuCatalogue: { id: string; pricePerHour: Money | null; available: number }[] }>(
        'GpuCatalogue',
      ),
    );
    const byId = new Map(gpuCatalogue.map((model) => [model.id, model]));
    expect(byId.get(H100)).toEqual({
      id: H100,
      name: 'H100 SXM5 80 GB',
      vendor: 'NVIDIA',
      memoryMiB: 81920,
      computeCapability: '9.0',
      pricePerHour: usd('2.99'),
      available: 16,
    });
    expect(byId.get('a100-sxm4-80gb')).toMatchObject({ pricePerHour: usd('1.79'), available: 16 });
    expect(byId.get('l40s-48gb')).toMatchObject({ pricePerHour: usd('0.99'), available: 8 });
    expect(byId.get('h200-sxm5-141gb')).toMatchObject({ pricePerHour: usd('3.79'), available: 0 });
    expect(byId.get('l4-pcie-24gb')).toMatchObject({ pricePerHour: null });
  });

  test('a plan says what a request would get, cost and use, and what keeps it from being admitted', async () => {
    const tenant = await createTenant(fleet, { quotas: { [H100]: 2, 'l40s-48gb': 1 }, monthlyBudget: '100' });
    const plan = async (input: object) =>
      dataOf(await tenant.researcher.run<{ planInstance: object }>('PlanInstance', { input })).planInstance;
    const two = tenant.request(H100, 2, { gpu: { modelIn: [H100, 'l40s-48gb'], count: 2 } });
    expect(await plan(two)).toEqual({
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      feasible: true,
      offers: [
        {
          gpuModel: { id: H100, name: 'H100 SXM5 80 GB' },
          available: 16,
          pricePerHour: usd('2.99'),
        },
        {
          gpuModel: { id: 'l40s-48gb', name: 'L40S 48 GB' },
          available: 8,
          pricePerHour: usd('0.99'),
        },
      ],
      estimate: { perHour: usd('5.98'), priceBookVersion: 'example-2026-11' },
      quotaEffect: [
        { gpuModel: { id: H100 }, nominal: 2, used: 0, requested: 2 },
        { gpuModel: { id: 'l40s-48gb' }, nominal: 1, used: 0, requested: 2 },
      ],
      budgetEffect: { limit: usd('100'), spent: usd('0'), held: usd('0') },
      approvalsNeeded: [],
      blockers: [],
    });
    expect(await plan(tenant.request(H100, 3))).toMatchObject({
      feasible: false,
      blockers: [{ code: 'QUOTA', need: '3', free: '2', unit: 'GPU', action: ID }],
    });
  });

  type Instance = { id: string; state: string; version: number };
  type Feed = { instanceEvents: { cursor: string; type: string; instance: Instance } };

  test('an instance is requested, watched, stopped, started and ended, and its page says how it is', async () => {
    const { administrator, ...tenant } = await createTenant(fleet, {
      quotas: { [H100]: 2 },
      monthlyBudget: '100',
    });
    const { projectId, key, request } = tenant;
    const client = tenant.researcher;
    const self = await me(client);
    const labels = [{ key: 'team', value: 'vision' }];
    const ports = [{ name: 'http', port: 8888 }];
    const { requestInstance } = await mutate<{
      requestInstance: { instance: Instance; version: number };
    }>(client, 'RequestInstance', { request: request(H100, 2, { labels, ports }), reason: 'a test' });
    const { id } = requestInstance.instance;
    expect(requestInstance).toEqual({
      eventId: ID,
      version: 3,
      instance: { id, state: 'PROVISIONING' },
      approval: null,
    });

    const types: string[] = [];
    for await (const answer of client.subscribe<Feed>('InstanceEvents', { id })) {
      const { instanceEvents } = dataOf(answer);
      types.push(instanceEvents.type);
      expect(instanceEvents.cursor).toBeTruthy();
      if (instanceEvents.instance.state === 'RUNNING') break;
    }
    expect(types[0]).toBe('SNAPSHOT');
    // Where nothing more came it was running already.
    expect(['SNAPSHOT', 'InstanceRunning']).toContain(types.at(-1));

    const { instance } = dataOf(await client.run<{ instance: Page }>('InstancePage', { id }));
    expect(instance).toMatchObject({
      id,
      name: 'notebook',
      state: 'RUNNING',
      labels,
      project: { id: projectId, name: `Tenant ${key}` },
      createdBy: { id: self.id, displayName: 'Rita Vision' },
      endpoints: [{ name: 'http', url: ID }],
      cost: { ratePerHour: usd('5.98') },
    });
    expect(instance.allocations).toHaveLength(2);
    for (const { to, gpu } of instance.allocations) {
      expect(to).toBeNull();
      expect(gpu.model).toEqual({ id: H100, name: 'H100 SXM5 80 GB' });
      expect(gpu.node.name).toMatch(/^h100-[12]$/);
    }
    expect(new Set(instance.allocations.map(({ gpu }) => gpu.id)).size).toBe(2);
    expect(instance.provisioningSteps.map(({ state }) => state)).toEqual(Array(5).fill('SUCCEEDED'));
    expect(allowed(instance)).toEqual(['stopInstance', 'terminateInstance']);
    await until('the trail begins with the request', async () => {
      const page = dataOf(await client.run<{ instance: Page }>('InstancePage', { id })).instance;
      return nodes(page.auditTrail).some(
        ({ type, actor }) => type === 'InstanceRequested' && actor.displayName === 'Rita Vision',
      );
    });

    const command = (name: string) =>
      mutate<Record<string, { version: number; instance: Instance }>>(client, name, { id });
    expect(await command('StopInstance')).toMatchObject({
      stopInstance: { instance: { state: 'STOPPING' } },
    });
    await tenant.reaches(id, 'STOPPED');
    expect(await command('StartInstance')).toMatchObject({
      startInstance: { instance: { state: 'STARTING' } },
    });
    await tenant.reaches(id, 'RUNNING');
    expect(await command('TerminateInstance')).toMatchObject({
      terminateInstance: { instance: { state: 'TERMINATING' } },
    });
    await tenant.reaches(id, 'TERMINATED');
    const ended = dataOf(await client.run<{ instance: Page }>('InstancePage', { id })).instance;
    expect(allowed(ended)).toEqual([]);
    expect(ended.allocations).toHaveLength(4);
    expect(ended.allocations.every(({ to }) => to !== null)).toBe(true);
    expect(ended.cost.ratePerHour).toEqual(usd('0'));

    await checkDashboard(client.follow(administrator), projectId, ended);
  });

  type Page = Instance & {
    allocations: {
      from: string;
      to: string | null;
      gpu: { id: string; model: object; node: { name: string } };
    }[];
    provisioningSteps: { state: string }[];
    cost: { accrued: Money; ratePerHour: Money };
    availableActions: { action: string; allowed: boolean }[];
    auditTrail: Edges<{ type: string; actor: { displayName: string } }>;
  };
  const allowed = ({ availableActions }: Page) =>
    availableActions
      .filter(({ allowed: is }) => is)
      .map(({ action }) => action)
      .sort();

  type Dashboard = {
    project: {
      quotas: object[];
      budgets: { spent: Money; held: Money }[];
      cost: { total: Money; groups: { key: string; amount: Money; gpuSeconds: string }[] };
      instances: Edges<{ id: string; name: string; state: string; cost: { accrued: Money } }>;
      jobs: Edges<object>;
      models: Edges<object>;
    };
  };

  /** One instance was all that the project ever had: every sum is its cost. */
  async function checkDashboard(client: Client, id: string, instance: Page): Promise<void> {
    const registered = await mutate<{ registerModel: { model: { id: string; name: string } } }>(
      client,
      'RegisterModel',
      { projectId: id, name: 'llama', task: 'text-generation' },
    );
    expect(registered).toEqual({ registerModel: { eventId: ID, model: { id: ID, name: 'llama' } } });

    const milliseconds = instance.allocations.reduce(
      (sum, { from, to }) => sum + Date.parse(to ?? '') - Date.parse(from),
      0,
    );
    const window = { from: '2026-01-01T00:00:00.000Z', to: '2099-01-01T00:00:00.000Z' };
    const read = async () =>
      dataOf(await client.run<Dashboard>('ProjectDashboard', { id, ...window })).project;
    await until('the hold is released', async () => (await read()).budgets[0]?.held.amount === '0');
    const project = await read();
    const { amount } = project.cost.total;
    expect(Number(amount)).toBeCloseTo((milliseconds * 2.99) / 3_600_000, 6);
    expect(project).toMatchObject({
      id,
      status: 'ACTIVE',
      quotas: [{ gpuModel: { id: H100 }, nominal: 2, used: 0, held: 0 }],
      budgets: [{ amount: usd('100'), spent: usd(amount), status: 'OK' }],
      cost: { groups: [{ key: H100, amount: usd(amount), gpuSeconds: String(milliseconds / 1000) }] },
    });
    expect(nodes(project.instances)).toEqual([
      { id: instance.id, name: 'notebook', state: 'TERMINATED', cost: { accrued: usd(amount) } },
    ]);
    expect(nodes(project.jobs)).toEqual([]);
    expect(nodes(project.models)).toEqual([registered.registerModel.model]);
  }

  type Gpu = {
    id: string;
    uuid: string | null;
    health: string;
    model: { id: string };
    node: { name: string; zone: string; cluster: { name: string; connectivity: string } };
    occupant: { kind: string; redacted: boolean; name: string | null } | null;
  };
  type Fleet = { gpus: Edges<Gpu> & { totalCount: number } };

  test('the fleet is listed page by page, and shows an occupant to those alone who may see it', async () => {
    const fleetPage = async (client: Client, variables: object) =>
      dataOf(await client.run<Fleet>('Fleet', variables)).gpus;
    const all: Gpu[] = [];
    for (let after: string | null = null; ;) {
      const page: Fleet['gpus'] = await fleetPage(researcher, { first: 15, after });
      expect(page.totalCount).toBe(40);
      all.push(...nodes(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(all).toHaveLength(40);
    expect(new Set(all.map(({ id }) => id)).size).toBe(40);
    expect(all.find(({ id }) => id === 'eu-1/h100-1/0')).toMatchObject({
      health: 'HEALTHY',
      model: { id: H100, name: 'H100 SXM5 80 GB' },
      node: { name: 'h100-1', zone: 'eu-1a', cluster: { name: 'eu-1', connectivity: 'ONLINE' } },
    });

    const tenant = await createTenant(fleet, { quotas: { [H100]: 1 } });
    const { instance } = dataOf(await tenant.requestInstance(H100, 1, { name: 'secret' })).requestInstance;
    const filter = { modelIn: [H100], occupied: true };
    const occupants = async (client: Client) =>
      nodes(await fleetPage(client, { first: 100, filter })).map(({ occupant }) => occupant);
    expect(await occupants(tenant.researcher)).toEqual([
      { kind: 'INSTANCE', redacted: false, name: 'secret' },
    ]);
    for (const stranger of ['speech-researcher', 'operator', 'auditor'])
      expect(await occupants(await fleet.as(stranger))).toEqual([
        { kind: 'INSTANCE', redacted: true, name: null },
      ]);
    await tenant.reaches(instance.id, 'RUNNING');
    await tenant.end(instance.id);
    expect(await occupants(researcher)).toEqual([]);
  });

  type Sample = {
    at: string;
    skipped: number;
    gpu: { id: string; uuid: string | null; node: { name: string } };
    utilization: number;
    memoryUsedMiB: number;
    powerW: number;
    temperatureC: number;
    job: { id: string; name: string } | null;
  };

  test('the metrics of GPUs are delivered frame by frame, to those who may see them', async () => {
    const tenant = await createTenant(fleet, { quotas: { [H100]: 1 } });
    const strangers = await fleet.as('speech-researcher');
    for await (const answer of strangers.subscribe('GpuMetrics', {
      selector: { projectId: tenant.projectId },
    })) {
      expect(refusalOf(answer)?.code).toBe('NOT_FOUND');
      break;
    }
    if (!measured) return;

    const operator = await fleet.as('operator');
    const variables = { selector: { nodeId: 'eu-1/h100-1' }, maxHz: 5 };
    const frames: Sample[][] = [];
    for await (const answer of operator.subscribe<{ gpuMetrics: Sample[] }>('GpuMetrics', variables)) {
      frames.push(dataOf(answer).gpuMetrics);
      if (frames.length === 2) break;
    }
    expect(frames[0]).toHaveLength(8);
    for (const sample of frames.flat())
      expect(sample).toMatchObject({
        at: ID,
        gpu: { id: expect.stringMatching(/^eu-1\/h100-1\/[0-7]$/) as string, node: { name: 'h100-1' } },
        utilization: expect.any(Number) as number,
        memoryUsedMiB: expect.any(Number) as number,
        powerW: expect.any(Number) as number,
        temperatureC: expect.any(Number) as number,
        job: null,
      });
  });

  type AuditEvent = {
    id: string;
    sequence: string;
    at: string;
    type: string;
    subgraph: string;
    actor: { id: string; kind: string; displayName: string };
    subject: { type: string; id: string; version: number };
    requestId: string;
    payload: Record<string, unknown>;
  };
  type Trail = { auditEvents: Edges<AuditEvent> };

  test('the audit trail is filtered and paged without a gap, and says who did what in which request', async () => {
    const auditor = await fleet.as('auditor');
    const trail = async (variables: object) =>
      dataOf(await auditor.run<Trail>('AuditEvents', { first: 100, ...variables })).auditEvents;
    const { projectId, administrator } = await createTenant(fleet, { quotas: { [H100]: 3 } });
    auditor.follow(administrator);
    const { id: adminId } = await me(administrator);

    const ofProject = nodes(await trail({ filter: { projectId } }));
    expect(ofProject.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['RoleBound', 'QuotaSet', 'ProjectCreated']),
    );
    const [quotaSet] = nodes(await trail({ filter: { projectId, typeIn: ['QuotaSet'] } }));
    expect(quotaSet).toMatchObject({
      subgraph: 'governance',
      actor: { id: adminId, kind: 'USER', displayName: 'Olga Admin' },
      subject: { type: 'Quota', version: 1 },
      payload: { projectId, gpuModelId: H100, nominal: 3 },
      requestId: ID,
      correlationId: ID,
      causationId: null,
    });
    const of = async (filter: object) => nodes(await trail({ filter: { projectId, ...filter } }));
    const ids = (events: AuditEvent[]) => events.map(({ id }) => id);
    expect(ids(await of({ subjectId: quotaSet?.subject.id }))).toEqual([quotaSet?.id]);
    expect((await of({ actorId: adminId })).map(({ type }) => type).sort()).toEqual([
      'ProjectCreated',
      'QueueCreated',
      'QuotaSet',
      'RoleBound',
    ]);
    expect(ids(await of({ subgraph: 'models' }))).toEqual([]);
    expect(ids(await of({ from: quotaSet?.at }))).toEqual(
      ids(ofProject.filter(({ at }) => at >= (quotaSet?.at ?? ''))),
    );
    expect(ids(await of({ to: quotaSet?.at }))).toEqual(
      ids(ofProject.filter(({ at }) => at < (quotaSet?.at ?? ''))),
    );

    const paged: AuditEvent[] = [];
    const [newest] = nodes(await trail({ first: 1 }));
    const filter = { to: newest?.at };
    for (let after: string | null = null; ;) {
      const page: Trail['auditEvents'] = await trail({ first: 7, after, filter });
      paged.push(...nodes(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const sequences = paged.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(sequences.at(-1)).toBe(1);
    expect(ids(paged.slice(0, 100))).toEqual(ids(nodes(await trail({ filter }))));
  });

  test('every trusted document was run', () => {
    expect([...fleet.ran].sort()).toEqual([...operations.keys()].sort());
  });
}
