import { expect, test } from 'vitest';
import { type Edges, ID, mutate, nodes, usd, whoIs } from '../testkit/answers.js';
import { type Client, dataOf, refusalOf } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

/** An administrator's: projects, roles, quotas and budgets. */
export function onboardingSuite({ fleet }: Setting): void {
  const keysOf = async (client: Client) => nodes((await whoIs(client)).projects).map(({ key }) => key);

  test('an administrator sees who they are, and makes a project with its quota and its budget', async () => {
    const admin = await fleet().as('org-admin');
    const self = await whoIs(admin);
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
    const finops = await fleet().as('finops');
    expect(await mutate(finops, 'UpdateBudget', { id, amount: usd('200'), expectedVersion: 1 })).toEqual({
      updateBudget: { eventId: ID, version: 2, budget: { id, amount: usd('200'), status: 'OK' } },
    });
  });

  test('a role that is bound or revoked changes what its holder may do at once', async () => {
    const admin = await fleet().as('org-admin');
    const found = dataOf(
      await admin.run<{ users: Edges<{ id: string; displayName: string }> }>('Users', {
        search: 'speech-res',
        first: 10,
      }),
    );
    expect(nodes(found.users)).toEqual([{ id: ID, displayName: 'Ravi Speech' }]);
    const userId = found.users.edges[0]?.node.id ?? '';

    const { projectId, key, request } = await createTenant(fleet(), { quotas: { [H100]: 2 } });
    const joiner = await fleet().as('speech-researcher');
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
}
