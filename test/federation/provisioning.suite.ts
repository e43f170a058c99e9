import { expect, test } from 'vitest';
import { type Edges, ID, type Money, mutate, nodes, usd, whoIs } from '../testkit/answers.js';
import { type Client, dataOf } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

/** A researcher's: the catalogue, plans, and an instance from request to termination. */
export function provisioningSuite({ fleet }: Setting): void {
  test('the catalogue says what each model is, what it costs, and how many devices are free', async () => {
    const researcher = await fleet().as('vision-researcher');
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
    const tenant = await createTenant(fleet(), {
      quotas: { [H100]: 2, 'l40s-48gb': 1 },
      monthlyBudget: '100',
    });
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
    const { administrator, ...tenant } = await createTenant(fleet(), {
      quotas: { [H100]: 2 },
      monthlyBudget: '100',
    });
    const { projectId, key, request } = tenant;
    const client = tenant.researcher;
    const self = await whoIs(client);
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

    const read = async () => dataOf(await client.run<{ instance: Page }>('InstancePage', { id })).instance;
    await until('its cost is known', async () => (await read()).cost.ratePerHour.amount === '5.98');
    const instance = await read();
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
    await until('the trail begins with the request', async () =>
      nodes((await read()).auditTrail).some(
        ({ type, actor }) => type === 'InstanceRequested' && actor.displayName === 'Rita Vision',
      ),
    );

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
    await until('its cost has stopped', async () => (await read()).cost.ratePerHour.amount === '0');
    const ended = await read();
    expect(allowed(ended)).toEqual([]);
    expect(ended.allocations).toHaveLength(4);
    expect(ended.allocations.every(({ to }) => to !== null)).toBe(true);

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
}
