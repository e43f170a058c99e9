import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  bound,
  callAs,
  type Caller,
  createProject,
  dataOf,
  happen,
  principalOf,
  refusalOf,
  type Started,
  startGovernance,
  trailIsWhole,
} from '../governance.fixture.js';

const EVENTS = `query ($filter: AuditFilter, $first: Int!, $after: String) {
  auditEvents(filter: $filter, first: $first, after: $after) {
    edges { cursor node {
      id sequence at type subgraph actor { id kind displayName } onBehalfOf { displayName }
      subject { type id version } requestId correlationId causationId payload
    } }
    pageInfo { hasNextPage endCursor } totalCount
  }
}`;

type Trail = {
  edges: { node: { id: string; sequence: string; type: string; subject: { id: string } } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
};

async function trailOf(caller: Caller, filter: object = {}, page: object = { first: 100 }): Promise<Trail> {
  const answer = await caller(EVENTS, { filter, ...page });
  return dataOf<{ auditEvents: Trail }>(answer).auditEvents;
}

const typesOf = ({ edges }: Trail) => edges.map(({ node }) => node.type);

/** An instance with an allocation and a hold, in the project. */
async function instanceWithAllocation(started: Started, projectId: string, name = '1') {
  const rita = await principalOf(started.governance, 'rita');
  const instance = `instance_${name}`;
  const owner = { kind: 'INSTANCE', id: instance };
  await happen(started, {
    context: 'resources',
    streamId: instance,
    type: 'InstanceRequested',
    projectId,
    by: rita,
  });
  await happen(started, {
    context: 'resources',
    streamId: `allocation_${name}`,
    type: 'AllocationOpened',
    data: { id: `allocation_${name}`, owner },
    projectId,
    onBehalfOf: rita.id,
  });
  await happen(started, {
    context: 'billing',
    streamId: `hold_${name}`,
    type: 'HoldPlaced',
    data: { ownerId: instance },
    projectId,
  });
  await happen(started, { context: 'resources', streamId: instance, type: 'InstanceRunning', projectId });
  const closed = {
    context: 'resources',
    streamId: `allocation_${name}`,
    type: 'AllocationClosed',
    projectId,
  };
  await happen(started, closed);
  await trailIsWhole(started);
  return instance;
}

test('a change stands in the trail once, with who did it, in which request, and what it says', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const { createProject: created } = dataOf<{ createProject: { eventId: string } }>(
    await admin(`mutation ($input: CreateProjectInput!) { createProject(input: $input) { eventId } }`, {
      input: { key: 'vision', name: 'Vision', idempotencyKey: 'k' },
    }),
  );
  const trail = await trailOf(admin, { typeIn: ['ProjectCreated'] });
  expect(trail.totalCount).toBe(1);
  expect(trail.edges[0]?.node).toEqual({
    id: created.eventId,
    sequence: expect.stringMatching(/^\d+$/),
    at: expect.stringMatching(/Z$/),
    type: 'ProjectCreated',
    subgraph: 'governance',
    actor: { id: started.userIds['org-admin'], kind: 'USER', displayName: 'Olga Admin' },
    onBehalfOf: null,
    subject: { type: 'Project', id: expect.stringMatching(/^project_/), version: 1 },
    requestId: expect.any(String),
    correlationId: expect.any(String),
    causationId: null,
    payload: { id: expect.any(String), key: 'vision', name: 'Vision', parentId: null },
  });
  const { auditEvent } = dataOf(
    await admin(`query ($id: ID!) { auditEvent(id: $id) { type } }`, { id: created.eventId }),
  );
  expect(auditEvent).toEqual({ type: 'ProjectCreated' });
  expect(dataOf(await admin(`{ auditEvent(id: "nonsense") { type } }`))).toEqual({ auditEvent: null });
});

test('five contexts that write at once make one sequence without a gap or a repetition', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const contexts = ['resources', 'scheduling', 'billing', 'models'];
  await Promise.all([
    ...Array.from({ length: 40 }, (_, index) => {
      const context = contexts[index % contexts.length] ?? 'resources';
      return happen(started, { context, streamId: `thing_${index % 9}-${context}`, type: 'ThingMoved' });
    }),
    ...Array.from({ length: 10 }, (_, index) => createProject(admin, `p${index}`)),
  ]);
  await trailIsWhole(started);
  const rows = await started.database.prisma.auditEvent.findMany({ orderBy: { sequence: 'asc' } });
  expect(rows.map(({ sequence }) => Number(sequence))).toEqual(rows.map((_, index) => index + 1));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const places = await started.database.prisma.auditPlace.findMany({
    orderBy: [{ context: 'asc' }, { position: 'asc' }],
  });
  for (const context of contexts) {
    const own = places.filter((place) => place.context === context).map(({ sequence }) => sequence);
    expect(own).toEqual([...own].sort((a, b) => Number(a - b)));
  }
});

test('the trail of a thing shows what happened to it and to what serves it, and nothing else', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const instance = await instanceWithAllocation(started, projectId);
  await instanceWithAllocation(started, projectId, '2');
  const document = `query ($representations: [_Any!]!, $first: Int!, $after: String) {
    _entities(representations: $representations) { ... on Instance {
      id auditTrail(first: $first, after: $after) { edges { node { type } } pageInfo { hasNextPage endCursor } totalCount }
    } }
  }`;
  const representations = [{ __typename: 'Instance', id: instance }];
  const types: string[] = [];
  let after: string | null = null;
  do {
    const page: { _entities: { auditTrail: Trail }[] } = dataOf(
      await admin(document, { representations, first: 2, after }),
    );
    const trail = page._entities[0]?.auditTrail;
    if (!trail) throw new Error('no trail');
    expect(trail.totalCount).toBe(5);
    types.push(...typesOf(trail));
    after = trail.pageInfo.hasNextPage ? trail.pageInfo.endCursor : null;
  } while (after);
  expect(types).toHaveLength(5);
  expect([...types].sort()).toEqual(
    ['InstanceRequested', 'AllocationOpened', 'HoldPlaced', 'InstanceRunning', 'AllocationClosed'].sort(),
  );
  expect(types.indexOf('InstanceRunning')).toBeLessThan(types.indexOf('InstanceRequested'));
});

test('the trails of fifty things cost as many statements as that of one', async () => {
  await using started = await startGovernance();
  const projectId = await createProject(callAs(started, 'org-admin'), 'vision');
  for (let index = 0; index < 50; index++)
    await happen(started, {
      context: 'resources',
      streamId: `instance_${index}`,
      type: 'InstanceRequested',
      projectId,
    });
  await trailIsWhole(started);
  const auditor = started.harness.as(await principalOf(started.governance, 'auditor'));
  const document = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { ... on Auditable {
      auditTrail(first: 20) { edges { node { type actor { displayName } } } totalCount }
    } }
  }`;
  const statementsFor = async (count: number) => {
    const representations = Array.from({ length: count }, (_, id) => ({
      __typename: 'Instance',
      id: `instance_${id}`,
    }));
    const { result, statements } = await started.harness.count(() => auditor(document, { representations }));
    const { _entities: entities } = dataOf<{ _entities: { auditTrail: Trail }[] }>(result);
    expect(entities.map(({ auditTrail }) => typesOf(auditTrail))).toEqual(
      entities.map(() => ['InstanceRequested']),
    );
    return statements;
  };
  expect(await statementsFor(50)).toBe(await statementsFor(1));
});

test('each role sees its part of the trail, and the same part through every door', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const speech = await createProject(admin, 'speech');
  await bound(admin, { userId: started.userIds['rita'], role: 'Researcher', projectId: vision });
  await instanceWithAllocation(started, vision, 'own');
  const other = { context: 'resources', streamId: 'instance_other', type: 'InstanceRequested' };
  await happen(started, { ...other, projectId: vision });
  await happen(started, { ...other, streamId: 'instance_speech', projectId: speech });
  await happen(started, { context: 'resources', streamId: 'eu-1/h100-1', type: 'NodeDiscovered' });
  await happen(started, {
    context: 'models',
    streamId: 'model_1',
    type: 'ModelRegistered',
    projectId: vision,
  });
  await happen(started, {
    context: 'billing',
    streamId: 'budget_1',
    type: 'BudgetCreated',
    projectId: speech,
  });
  await trailIsWhole(started);

  const seenBy = async (username: string) => {
    const caller = callAs(started, username);
    const whole = await started.database.prisma.auditEvent.findMany({ orderBy: { sequence: 'desc' } });
    const trail = await trailOf(caller);
    const ids = new Set(trail.edges.map(({ node }) => node.id));
    expect(trail.totalCount).toBe(ids.size);
    const representations = whole.map(({ id }) => ({ __typename: 'AuditEvent', id }));
    const { _entities: events } = dataOf<{ _entities: ({ id: string } | null)[] }>(
      await caller(`query ($r: [_Any!]!) { _entities(representations: $r) { ... on AuditEvent { id } } }`, {
        r: representations,
      }),
    );
    expect(events.filter((event) => event !== null).map(({ id }) => id)).toEqual([...ids]);
    return trail.edges.map(({ node }) => `${node.type} ${node.subject.id}`);
  };
  const member = async (username: string, role: string, projectId?: string) => {
    const { id: userId } = await principalOf(started.governance, username);
    await bound(admin, { userId, role, ...(projectId && { projectId }) });
    await trailIsWhole(started);
  };

  const own = [
    'AllocationClosed allocation_own',
    'InstanceRunning instance_own',
    'AllocationOpened allocation_own',
    'InstanceRequested instance_own',
  ];
  expect((await seenBy('rita')).sort()).toEqual([...own].sort());
  expect(await seenBy('nobody')).toEqual([]);
  await member('omar', 'Operator');
  expect(await seenBy('omar')).toEqual(['NodeDiscovered eu-1/h100-1']);
  await member('mona', 'ModelApprover');
  expect(await seenBy('mona')).toEqual(['ModelRegistered model_1']);
  await member('finn', 'FinOps');
  expect((await seenBy('finn')).sort()).toEqual(['BudgetCreated budget_1', 'HoldPlaced hold_own']);
  await member('vera', 'ProjectAdmin', vision);
  const vera = await seenBy('vera');
  expect(vera).toEqual(
    expect.arrayContaining([
      ...own,
      'HoldPlaced hold_own',
      `ProjectCreated ${vision}`,
      'ModelRegistered model_1',
    ]),
  );
  expect(vera.some((line) => /speech|budget|h100/.test(line))).toBe(false);
  const everything = await started.database.prisma.auditEvent.count();
  expect(await seenBy('auditor')).toHaveLength(everything);
  expect(await seenBy('org-admin')).toHaveLength(everything);
});

test('who loses a project loses its trail, also of what they did there', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  const id = await bound(admin, { userId: started.userIds['rita'], role: 'Researcher', projectId: vision });
  const instance = await instanceWithAllocation(started, vision);
  const rita = callAs(started, 'rita');
  expect((await trailOf(rita, { subjectId: instance })).totalCount).toBe(4);
  const input = { id, idempotencyKey: randomUUID() };
  dataOf(
    await admin(`mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { version } }`, { input }),
  );
  expect(await trailOf(rita)).toMatchObject({ edges: [], totalCount: 0 });
});

test('filters narrow the trail, all of them together', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const vision = await createProject(admin, 'vision');
  await createProject(admin, 'speech');
  const instance = await instanceWithAllocation(started, vision);
  const rita = started.userIds['rita'];
  const types = async (filter: object) => typesOf(await trailOf(admin, filter)).sort();
  expect(await types({ actorId: rita })).toEqual(['AllocationOpened', 'InstanceRequested']);
  expect(await types({ projectId: vision, subgraph: 'governance' })).toEqual(['ProjectCreated']);
  expect(await types({ subjectId: instance, subgraph: 'billing' })).toEqual(['HoldPlaced']);
  expect(await types({ typeIn: [] })).toEqual([]);
  expect(await types({ projectId: vision, to: '2020-01-01T00:00:00Z' })).toEqual([]);
  expect(
    await types({
      projectId: vision,
      from: '2020-01-01T00:00:00Z',
      typeIn: ['HoldPlaced', 'ProjectCreated'],
    }),
  ).toEqual(['HoldPlaced', 'ProjectCreated']);
  const tooMany = { typeIn: Array.from({ length: 101 }, () => 'x') };
  expect(refusalOf(await admin(EVENTS, { filter: tooMany, first: 1 }))?.code).toBe('BAD_USER_INPUT');
  expect(refusalOf(await admin(EVENTS, { first: 1, after: 'nonsense' }))?.code).toBe('BAD_USER_INPUT');
});

test('pages go from the newest to the oldest, and what happens meanwhile does not shift them', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  for (let index = 0; index < 7; index++) await createProject(admin, `p${index}`);
  await trailIsWhole(started);
  const expected = (await started.database.prisma.auditEvent.findMany({ orderBy: { sequence: 'desc' } })).map(
    ({ id }) => id,
  );
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: Trail = await trailOf(admin, {}, { first: 3, after });
    ids.push(...page.edges.map(({ node }) => node.id));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    await happen(started, { context: 'models', streamId: `model_${ids.length}`, type: 'ModelRegistered' });
  } while (after);
  expect(ids).toEqual(expected);
});
