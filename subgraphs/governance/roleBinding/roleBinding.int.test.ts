import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { may } from '../../../platform/identity/principal.js';
import {
  bindRole,
  bound,
  callAs,
  createProject,
  dataOf,
  principalOf,
  refusalOf,
  startGovernance,
} from '../governance.fixture.js';

const REVOKE = `mutation ($input: RevokeRoleInput!) {
  revokeRole(input: $input) { eventId version roleBinding { id role revokedAt availableActions { action allowed reason } } }
}`;
const revocation = (id: string, more: object = {}) => ({
  input: { id, idempotencyKey: randomUUID(), ...more },
});

test('a role reaches down the project tree, also into projects that are made later, and not up or aside', async () => {
  await using started = await startGovernance();
  const { governance, userIds } = started;
  const admin = callAs(started, 'org-admin');
  const root = await createProject(admin, 'root');
  const middle = await createProject(admin, 'middle', root);
  const aside = await createProject(admin, 'aside', root);
  await bound(admin, { userId: userIds['rita'], role: 'Researcher', projectId: middle });
  const leaf = await createProject(admin, 'leaf', middle);
  const below = await createProject(admin, 'below', leaf);
  const rita = await principalOf(governance, 'rita');
  expect(Object.keys(rita.projects).sort()).toEqual([middle, leaf, below].sort());
  for (const id of [middle, leaf, below]) expect(may(rita, 'instance:writeOwn', id)).toBe(true);
  for (const id of [root, aside, null]) expect(may(rita, 'instance:writeOwn', id)).toBe(false);
  const seen = dataOf(
    await callAs(started, 'rita')(`query ($id: ID!) { project(id: $id) { parent { key } } }`, { id: middle }),
  );
  expect(seen).toEqual({ project: { parent: null } });
});

test('a binding ends at its time, by the clock of the database', async () => {
  await using started = await startGovernance();
  const { governance, userIds, database } = started;
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const binding = { userId: userIds['rita'], role: 'Researcher', projectId: vision, expiresAt };
  const id = await bound(admin, binding);
  expect(may(await principalOf(governance, 'rita'), 'project:read', vision)).toBe(true);
  await database.prisma.roleBinding.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } });
  expect(await principalOf(governance, 'rita')).toMatchObject({ everywhere: [], projects: {} });
});

test('a revoked role gives nothing any more, and cannot be revoked again', async () => {
  await using started = await startGovernance();
  const { governance, userIds } = started;
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const id = await bound(admin, { userId: userIds['rita'], role: 'Researcher', projectId: vision });
  expect(refusalOf(await admin(REVOKE, revocation(id, { expectedVersion: 7 })))).toMatchObject({
    code: 'CONFLICT',
    details: { expectedVersion: 7, version: 1 },
  });
  const { revokeRole } = dataOf<{ revokeRole: object }>(
    await admin(REVOKE, revocation(id, { expectedVersion: 1 })),
  );
  expect(revokeRole).toMatchObject({
    version: 2,
    roleBinding: {
      id,
      revokedAt: expect.any(String),
      availableActions: [{ action: 'revokeRole', allowed: false }],
    },
  });
  expect((await principalOf(governance, 'rita')).projects).toEqual({});
  expect(refusalOf(await admin(REVOKE, revocation(id)))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { state: 'REVOKED', allowed: [] },
  });
});

test('the organisation keeps an administrator, even if two revoke each other at once', async () => {
  await using started = await startGovernance();
  const { userIds, database } = started;
  const olga = callAs(started, 'org-admin');
  const role = 'OrgAdmin';
  const { id: first } = await database.prisma.roleBinding.findFirstOrThrow({ where: { role } });
  const refused = { code: 'LAST_ADMINISTRATOR', details: { id: first } };
  expect(refusalOf(await olga(REVOKE, revocation(first)))).toMatchObject(refused);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await bound(olga, { userId: userIds['auditor'], role, expiresAt });
  expect(refusalOf(await olga(REVOKE, revocation(first)))).toMatchObject(refused);
  const second = await bound(olga, { userId: userIds['rita'], role });
  const rita = callAs(started, 'rita');
  await Promise.all([olga(REVOKE, revocation(second)), rita(REVOKE, revocation(first))]);
  const left = { role, revokedAt: null, expiresAt: null };
  expect(await database.prisma.roleBinding.count({ where: left })).toBe(1);
});

test('whoever remembers rights is told at once when a role or a project changes them', async () => {
  await using started = await startGovernance();
  const { governance, userIds } = started;
  const admin = callAs(started, 'org-admin');
  let changes = 0;
  const stop = governance.onAccessChanged(() => (changes += 1));
  const told = async (change: () => Promise<unknown>) => {
    const before = changes;
    await change();
    return changes > before;
  };
  const vision = await createProject(admin, 'vision');
  const binding = { userId: userIds['rita'], role: 'Researcher', projectId: vision };
  expect(await told(() => createProject(admin, 'below', vision))).toBe(true);
  let id = '';
  expect(await told(async () => (id = await bound(admin, binding)))).toBe(true);
  expect(await told(() => admin(REVOKE, revocation(id)))).toBe(true);
  stop();
  expect(await told(() => bound(admin, binding))).toBe(false);
});

test('a project administrator gives roles in the project, but no right that they lack, and not elsewhere', async () => {
  await using started = await startGovernance();
  const { userIds } = started;
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const speech = await createProject(admin, 'speech');
  await bound(admin, { userId: userIds['rita'], role: 'ProjectAdmin', projectId: vision });
  const rita = callAs(started, 'rita');
  const auditor = userIds['auditor'];
  await bound(rita, { userId: auditor, role: 'Researcher', projectId: vision });
  const refused = async (binding: { role: string; projectId?: string }) =>
    refusalOf(await bindRole(rita, { userId: auditor, ...binding }))?.code;
  expect(await refused({ role: 'OrgAdmin', projectId: vision })).toBe('FORBIDDEN');
  expect(await refused({ role: 'ModelApprover', projectId: vision })).toBe('FORBIDDEN');
  expect(await refused({ role: 'Researcher' })).toBe('FORBIDDEN');
  expect(await refused({ role: 'Researcher', projectId: speech })).toBe('NOT_FOUND');
});

test('who may not bind roles may not revoke them either, and an unseen binding does not exist', async () => {
  await using started = await startGovernance();
  const { userIds } = started;
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const speech = await createProject(admin, 'speech');
  const own = await bound(admin, { userId: userIds['rita'], role: 'Researcher', projectId: vision });
  const other = await bound(admin, { userId: userIds['auditor'], role: 'Researcher', projectId: speech });
  const rita = callAs(started, 'rita');
  expect(refusalOf(await rita(REVOKE, revocation(own)))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'role:bind' },
  });
  expect(refusalOf(await rita(REVOKE, revocation(other)))?.code).toBe('NOT_FOUND');
  const { roleBinding } = dataOf(
    await rita(`query ($id: ID!) { roleBinding(id: $id) { role } }`, { id: other }),
  );
  expect(roleBinding).toBeNull();
  const { organisation } = dataOf(
    await rita(`{ organisation { name roleBindings(first: 9) { totalCount } } }`),
  );
  expect(organisation).toEqual({ name: 'acme', roleBindings: null });
});

test('bad input is refused with the path, and what does not exist as missing', async () => {
  await using started = await startGovernance();
  const { userIds, database } = started;
  const admin = callAs(started, 'org-admin');
  const before = await database.prisma.event.count();
  const past = { userId: userIds['rita'], role: 'Researcher', expiresAt: '2020-01-01T00:00:00Z' };
  const faults = async (binding: Parameters<typeof bindRole>[1]) => refusalOf(await bindRole(admin, binding));
  const faultAt = (...path: string[]) => ({ code: 'BAD_USER_INPUT', details: { faults: [{ path }] } });
  expect(await faults(past)).toMatchObject(faultAt('input', 'expiresAt'));
  expect(await faults({ userId: userIds['rita'], role: 'Emperor' })).toMatchObject(faultAt('input', 'role'));
  expect(await faults({ userId: undefined, role: 'Researcher' })).toMatchObject(faultAt('input', 'subject'));
  expect(await faults({ userId: 'user_none', role: 'Researcher' })).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'User' },
  });
  expect(
    await faults({ userId: userIds['rita'], role: 'Researcher', projectId: 'project_none' }),
  ).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'Project' },
  });
  const team = { input: { subject: { teamId: 'team_1' }, role: 'Researcher', idempotencyKey: 'k' } };
  const answer = await admin(
    `mutation ($input: BindRoleInput!) { bindRole(input: $input) { eventId } }`,
    team,
  );
  expect(refusalOf(answer)).toMatchObject({ code: 'NOT_FOUND', details: { kind: 'Team' } });
  expect(await database.prisma.event.count()).toBe(before);
});

test('a project names its members, page by page', async () => {
  await using started = await startGovernance();
  const { userIds } = started;
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  for (const [user, role] of [
    ['rita', 'Researcher'],
    ['auditor', 'Auditor'],
    ['rita', 'ProjectAdmin'],
  ] as const)
    await bound(admin, { userId: userIds[user], role, projectId: vision });
  const { project } = dataOf(
    await callAs(started, 'rita')(
      `query ($id: ID!) { project(id: $id) { roleBindings(first: 2) { edges { node { role user { displayName } project { key } createdBy { displayName } } } pageInfo { hasNextPage } totalCount } } }`,
      { id: vision },
    ),
  );
  const createdBy = { displayName: 'Olga Admin' };
  expect(project).toEqual({
    roleBindings: {
      edges: [
        {
          node: {
            role: 'Researcher',
            user: { displayName: 'Rita Vision' },
            project: { key: 'vision' },
            createdBy,
          },
        },
        {
          node: {
            role: 'Auditor',
            user: { displayName: 'Aude Auditor' },
            project: { key: 'vision' },
            createdBy,
          },
        },
      ],
      pageInfo: { hasNextPage: true },
      totalCount: 3,
    },
  });
});
