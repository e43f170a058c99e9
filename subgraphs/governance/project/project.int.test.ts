import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  bound,
  callAs,
  createProject,
  dataOf,
  principalOf,
  refusalOf,
  startGovernance,
} from '../governance.fixture.js';

const CREATE = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) {
    eventId version
    project { id key name status version createdAt createdBy { id kind displayName } parent { key } viewerPermissions }
  }
}`;
const PROJECT = `query ($id: ID!, $asOf: DateTime) { project(id: $id, asOf: $asOf) { id key } }`;
const PROJECTS = `query ($first: Int!, $after: String) {
  projects(first: $first, after: $after) { edges { node { key } } pageInfo { hasNextPage endCursor } totalCount }
}`;

const input = (more: object) => ({ input: { name: 'Vision', idempotencyKey: randomUUID(), ...more } });
type Page = {
  projects: {
    edges: { node: { key: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
    totalCount: number;
  };
};

test('an administrator creates a project and it is there with its creator', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const { createProject: created } = dataOf<{ createProject: Record<string, unknown> }>(
    await admin(CREATE, input({ key: 'vision' })),
  );
  expect(created).toMatchObject({
    version: 1,
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    project: {
      id: expect.stringMatching(/^project_/),
      key: 'vision',
      name: 'Vision',
      status: 'ACTIVE',
      parent: null,
      createdBy: { id: started.userIds['org-admin'], kind: 'USER', displayName: 'Olga Admin' },
      viewerPermissions: expect.arrayContaining(['quota:set', 'instance:write']),
    },
  });
  const byKey = dataOf(await admin(`{ projectByKey(key: "vision") { name } }`));
  expect(byKey).toEqual({ projectByKey: { name: 'Vision' } });
});

test('a key that is no DNS label is refused, with the path', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  for (const key of ['Vision', '-vision', 'vision-', 'a'.repeat(64), 'vision.lab', 'vision\n', ''])
    expect(refusalOf(await admin(CREATE, input({ key })))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', 'key'] }] },
    });
  expect(await started.database.prisma.project.count()).toBe(0);
});

test('a name of 10 kB and an empty one are refused, and a taken key too', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  await createProject(admin, 'vision');
  for (const name of ['x'.repeat(10_240), ''])
    expect(refusalOf(await admin(CREATE, input({ key: 'speech', name })))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', 'name'] }] },
    });
  expect(refusalOf(await admin(CREATE, input({ key: 'vision' })))).toMatchObject({
    code: 'PROJECT_KEY_TAKEN',
    details: { key: 'vision' },
  });
  expect(await started.database.prisma.project.count()).toBe(1);
});

test('a character that no database holds is bad input, wherever it stands, and the next request is none the worse', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const nul = String.fromCharCode(0);
  const refused = [
    await admin(CREATE, input({ key: 'vision', name: `Vi${nul}sion` })),
    await admin(CREATE, input({ key: 'vision', name: 'Vi\ud800sion' })),
    await admin(CREATE, input({ key: 'vision', idempotencyKey: nul })),
    await admin(PROJECT, { id: nul }),
    await admin(`{ projectByKey(key: "\\u0000") { id } }`),
  ];
  expect(refused.map((answer) => refusalOf(answer)?.code)).toEqual(refused.map(() => 'BAD_USER_INPUT'));
  expect(await createProject(admin, 'vision')).toMatch(/^project_/);
});

test('of many who take one key at once, one gets it', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => admin(CREATE, input({ key: 'vision' }))),
  );
  const codes = answers.map((answer) => refusalOf(answer)?.code);
  expect(codes.filter((code) => code === undefined)).toHaveLength(1);
  expect(codes.filter((code) => code === 'PROJECT_KEY_TAKEN')).toHaveLength(9);
});

test('a hundred repeats with one key at once create one project and answer alike', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const same = input({ key: 'vision' });
  const answers = await Promise.all(Array.from({ length: 100 }, () => admin(CREATE, same)));
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
  dataOf(answers[0] ?? {});
  const other = { input: { ...same.input, name: 'Other' } };
  expect(refusalOf(await admin(CREATE, other))?.code).toBe('IDEMPOTENCY_KEY_REUSED');
  expect(await started.database.prisma.event.count({ where: { type: 'ProjectCreated' } })).toBe(1);
});

test('a dry run answers the project that would be and stores nothing', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const before = await started.database.prisma.event.count();
  const { createProject: answer } = dataOf<{ createProject: object }>(
    await admin(CREATE, input({ key: 'vision', dryRun: true })),
  );
  expect(answer).toMatchObject({ eventId: null, version: null, project: { key: 'vision' } });
  expect(await started.database.prisma.event.count()).toBe(before);
  expect(await started.database.prisma.project.count()).toBe(0);
});

test('who lacks the right may not create projects, and an unseen parent does not exist', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  await bound(admin, { userId: started.userIds['rita'], role: 'Researcher', projectId: vision });
  const rita = callAs(started, 'rita');
  expect(refusalOf(await rita(CREATE, input({ key: 'mine' })))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'project:create' },
  });
  expect(refusalOf(await rita(CREATE, input({ key: 'mine', parentId: vision })))?.code).toBe('FORBIDDEN');
  const speech = await createProject(admin, 'speech');
  for (const parentId of [speech, 'project_none'])
    expect(refusalOf(await rita(CREATE, input({ key: 'mine', parentId })))).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Project', id: parentId },
    });
});

test('a project is as it was at an instant, and was not before it was created', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const id = await createProject(admin, 'vision');
  expect(dataOf(await admin(PROJECT, { id, asOf: '2020-01-01T00:00:00Z' }))).toEqual({ project: null });
  expect(dataOf(await admin(PROJECT, { id, asOf: '2100-01-01T00:00:00Z' }))).toEqual({
    project: { id, key: 'vision' },
  });
});

test('pages of projects go by key, whole and without repetition', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  for (const key of ['delta', 'alpha', 'charlie', 'bravo', 'echo']) await createProject(admin, key);
  const keys: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = dataOf<Page>(await admin(PROJECTS, { first: 2, after }));
    expect(page.projects.totalCount).toBe(5);
    keys.push(...page.projects.edges.map(({ node }) => node.key));
    after = page.projects.pageInfo.hasNextPage ? page.projects.pageInfo.endCursor : null;
  } while (after);
  expect(keys).toEqual(['alpha', 'bravo', 'charlie', 'delta', 'echo']);
  expect(refusalOf(await admin(PROJECTS, { first: 101 }))?.code).toBe('BAD_USER_INPUT');
  expect(refusalOf(await admin(PROJECTS, { first: 1, after: 'nonsense' }))?.code).toBe('BAD_USER_INPUT');
});

test('a project without rights looks like a missing one through every door', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const speech = await createProject(admin, 'speech');
  await bound(admin, { userId: started.userIds['rita'], role: 'Researcher', projectId: vision });
  const rita = callAs(started, 'rita');
  const answer = await rita(
    `query ($seen: ID!, $unseen: ID!) {
      seen: project(id: $seen) { key } unseen: project(id: $unseen) { key }
      projectByKey(key: "speech") { id }
      projects(first: 10) { edges { node { key } } totalCount }
      me { projects(first: 10) { edges { node { key } } totalCount } }
      _entities(representations: [{ __typename: "Project", id: "${vision}" }, { __typename: "Project", id: "${speech}" }]) {
        ... on Project { key }
      }
    }`,
    { seen: vision, unseen: speech },
  );
  const onlyVision = { edges: [{ node: { key: 'vision' } }], totalCount: 1 };
  expect(dataOf(answer)).toEqual({
    seen: { key: 'vision' },
    unseen: null,
    projectByKey: null,
    projects: onlyVision,
    me: { projects: onlyVision },
    _entities: [{ key: 'vision' }, null],
  });
});

test('fifty references to projects, with their quotas and parents, cost as many statements as one', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const root = await createProject(admin, 'root');
  const ids: string[] = [];
  for (let index = 0; index < 50; index++) ids.push(await createProject(admin, `p${index}`, root));
  const document = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Project { key parent { key } quotas { nominal } createdBy { displayName } auditTrail(first: 3) { edges { node { actor { displayName } } } totalCount } }
    }
  }`;
  const caller = started.harness.as(await principalOf(started.governance, 'org-admin'));
  const statementsFor = async (wanted: readonly string[]) => {
    const representations = wanted.map((id) => ({ __typename: 'Project', id }));
    const { result, statements } = await started.harness.count(() => caller(document, { representations }));
    const { _entities: entities } = dataOf<{ _entities: unknown[] }>(result);
    expect(entities).toHaveLength(wanted.length);
    return statements;
  };
  expect(await statementsFor(ids)).toBe(await statementsFor(ids.slice(0, 1)));
});
