import { randomUUID } from 'node:crypto';
import { buildWith } from '../../platform/disposables.js';
import { type Principal, systemPrincipal } from '../../platform/identity/principal.js';
import { type Caller, dataOf, startHarness } from '../../test/testkit/subgraphHarness.js';
import { until } from '../../test/testkit/until.js';
import { createGovernance, type Governance } from './app.js';

export { type Caller, dataOf, refusalOf } from '../../test/testkit/subgraphHarness.js';

/** A governance of its own, with an administrator, an auditor, and Rita, who has no role yet. */
export function startGovernance() {
  return buildWith(async ({ use }) => {
    const harness = use(await startHarness(createGovernance));
    const { organisationId, userIds } = await harness.app.bootstrap({
      organisation: 'acme',
      users: [
        { username: 'org-admin', displayName: 'Olga Admin', email: null, roles: [{ role: 'OrgAdmin' }] },
        { username: 'auditor', displayName: 'Aude Auditor', email: null, roles: [{ role: 'Auditor' }] },
        { username: 'rita', displayName: 'Rita Vision', email: 'rita@acme.example', roles: [] },
      ],
    });
    return { harness, governance: harness.app, database: harness.database, organisationId, userIds };
  });
}

export type Started = Awaited<ReturnType<typeof startGovernance>>;

export const principalOf = (governance: Governance, username: string): Promise<Principal> =>
  governance.calls.resolvePrincipal({ issuer: 'test', subject: username, username, name: null, email: null });

/** Calls as somebody, with the rights that they have at each call. */
export function callAs({ governance, harness }: Started, username: string): Caller {
  return async (document, variables) =>
    harness.as(await principalOf(governance, username))(document, variables);
}

export type Happening = {
  context: string;
  streamId: string;
  type: string;
  data?: object;
  projectId?: string | null;
  by?: Principal;
  onBehalfOf?: string | null;
};

/** Something happens in another context, and governance has yet to hear of it. */
export function happen({ harness }: Pick<Started, 'harness'>, happening: Happening): Promise<void> {
  const { context, streamId, type, data = {}, ...rest } = happening;
  return harness.append(context, streamId, { type, data }, { by: systemPrincipal('reconciler'), ...rest });
}

/** Waits until the trail has everything that has happened in any context. */
export const trailIsWhole = ({ database: { prisma } }: Pick<Started, 'database'>): Promise<void> =>
  until(
    'the trail has every event',
    async () => (await prisma.auditEvent.count()) === (await prisma.event.count()),
  );

const CREATE_PROJECT = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { eventId version project { id key name status parent { id } createdBy { id kind displayName } } }
}`;

type CreatedProject = { createProject: { eventId: string; version: number; project: { id: string } } };

export async function createProject(caller: Caller, key: string, parentId: string | null = null) {
  const input = { key, name: `Project ${key}`, parentId, idempotencyKey: randomUUID() };
  return dataOf<CreatedProject>(await caller(CREATE_PROJECT, { input })).createProject.project.id;
}

const BIND_ROLE = `mutation ($input: BindRoleInput!) {
  bindRole(input: $input) { eventId version roleBinding { id role expiresAt user { displayName } project { key } } }
}`;

export type Binding = { userId: string | undefined; role: string; projectId?: string; expiresAt?: string };

export const bindRole = (caller: Caller, { userId, ...rest }: Binding) =>
  caller(BIND_ROLE, { input: { subject: { userId }, ...rest, idempotencyKey: randomUUID() } });

export async function bound(caller: Caller, binding: Binding): Promise<string> {
  const answer = await bindRole(caller, binding);
  return dataOf<{ bindRole: { roleBinding: { id: string } } }>(answer).bindRole.roleBinding.id;
}
