import { expect, test } from 'vitest';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { bound, callAs, createProject, dataOf, principalOf, startGovernance } from '../governance.fixture.js';

const claims = (username: string, name: string | null = null) => ({
  issuer: 'https://issuer.example',
  subject: 'whatever',
  username,
  name,
  email: null,
});
const USERS = `query ($search: String!) { users(search: $search, first: 10) { edges { node { id displayName username email } } totalCount } }`;

test('a person is registered at first sight and is the same one to every issuer that names them', async () => {
  await using started = await startGovernance();
  const { calls } = started.governance;
  const first = await calls.resolvePrincipal(claims('nina', 'Nina New'));
  expect(first).toEqual({
    id: expect.stringMatching(/^user_[0-9A-Z]{26}$/),
    kind: 'USER',
    displayName: 'Nina New',
    everywhere: [],
    projects: {},
  });
  const again = await calls.resolvePrincipal({
    ...claims('nina', 'Nina Newly-Wed'),
    issuer: 'https://other.example',
  });
  expect(again).toEqual({ ...first, displayName: 'Nina Newly-Wed' });
});

test('twenty first requests at once register one person', async () => {
  await using started = await startGovernance();
  const seen = await Promise.all(Array.from({ length: 20 }, () => principalOf(started.governance, 'nina')));
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
  const registered = await started.database.prisma.event.count({
    where: { type: 'UserRegistered', streamId: seen[0]?.id ?? '' },
  });
  expect(registered).toBe(1);
});

test('no event holds a name: the profile alone does, and without it the id is shown', async () => {
  await using started = await startGovernance();
  const { database, userIds } = started;
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  await bound(admin, { userId: userIds['rita'], role: 'ProjectAdmin', projectId });
  await createProject(admin, 'below', projectId);
  const events = JSON.stringify(await database.prisma.event.findMany(), (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(events).not.toMatch(/rita|olga|acme\.example/i);
  const id = userIds['rita'] ?? '';
  await database.prisma.userProfile.delete({ where: { userId: id } });
  const { user } = dataOf(
    await admin(`query ($id: ID!) { user(id: $id) { id displayName username email } }`, { id }),
  );
  expect(user).toEqual({ id, displayName: id, username: null, email: null });
});

test('members find each other by any part of their names, taken literally; who has no role finds only themselves', async () => {
  await using started = await startGovernance();
  const search = async (username: string, text: string) => {
    const { users } = dataOf<{ users: { edges: { node: { username: string } }[]; totalCount: number } }>(
      await callAs(started, username)(USERS, { search: text }),
    );
    expect(users.totalCount).toBe(users.edges.length);
    return users.edges.map(({ node }) => node.username);
  };
  expect(await search('auditor', '')).toEqual(['auditor', 'org-admin', 'rita']);
  expect(await search('auditor', 'VISION')).toEqual(['rita']);
  expect(await search('auditor', '%')).toEqual([]);
  expect(await search('auditor', '_')).toEqual([]);
  expect(await search('rita', '')).toEqual(['rita']);
  const { user } = dataOf(
    await callAs(started, 'rita')(`query ($id: ID!) { user(id: $id) { username } }`, {
      id: started.userIds['auditor'],
    }),
  );
  expect(user).toBeNull();
});

test('me says who I am and what I may do somewhere', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  await bound(admin, { userId: started.userIds['rita'], role: 'Researcher', projectId });
  const ME = `{ me { id kind displayName permissions projects(first: 5) { edges { node { key viewerPermissions } } } } }`;
  const { me } = dataOf<{ me: { permissions: string[] } }>(await callAs(started, 'rita')(ME));
  expect(me).toMatchObject({ id: started.userIds['rita'], kind: 'USER', displayName: 'Rita Vision' });
  expect(me.permissions).toEqual(expect.arrayContaining(['fleet:read', 'instance:writeOwn']));
  expect(me.permissions).not.toContain('quota:set');
  const system = dataOf(await started.harness.as(systemPrincipal('seed'))(`{ me { id kind displayName } }`));
  expect(system).toEqual({ me: { id: 'system:seed', kind: 'SYSTEM', displayName: 'seed' } });
});

test('actors have names: people theirs, parts of the system their own, strangers their ids', async () => {
  await using started = await startGovernance();
  const ids = [started.userIds['rita'], 'system:relay', 'user_gone', 'key_1', 'pipeline'];
  const representations = ids.map((id) => ({ __typename: 'Actor', id }));
  const document = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Actor { kind displayName } } }`;
  const auditor = started.harness.as(await principalOf(started.governance, 'auditor'));
  const { result, statements } = await started.harness.count(() => auditor(document, { representations }));
  expect(dataOf(result)).toEqual({
    _entities: [
      { kind: 'USER', displayName: 'Rita Vision' },
      { kind: 'SYSTEM', displayName: 'relay' },
      { kind: 'USER', displayName: 'user_gone' },
      { kind: 'API_KEY', displayName: 'key_1' },
      { kind: 'SERVICE_ACCOUNT', displayName: 'pipeline' },
    ],
  });
  expect(statements).toBe(1);
});

test('bootstrapping again changes nothing and does not give back what was revoked', async () => {
  await using started = await startGovernance();
  const { governance, userIds, database, organisationId } = started;
  const plan = {
    organisation: 'acme',
    users: [{ username: 'rita', displayName: 'Rita Vision', email: null, roles: [{ role: 'FinOps' }] }],
  };
  await governance.bootstrap(plan);
  const binding = await database.prisma.roleBinding.findFirstOrThrow({
    where: { userId: userIds['rita'] ?? '' },
  });
  dataOf(
    await callAs(started, 'org-admin')(
      `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { version } }`,
      {
        input: { id: binding.id, idempotencyKey: 'once' },
      },
    ),
  );
  const before = await database.prisma.event.count();
  expect(await governance.bootstrap(plan)).toEqual({ organisationId, userIds: { rita: userIds['rita'] } });
  expect(await database.prisma.event.count()).toBe(before);
  expect((await principalOf(governance, 'rita')).everywhere).toEqual([]);
});
