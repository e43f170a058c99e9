import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Permission } from '../../contracts/permissions.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { dataOf, type Harness, person, refusalOf, startHarness } from '../../test/testkit/subgraphHarness.js';
import { until } from '../../test/testkit/until.js';
import { createScheduling, type Scheduling } from './app.js';
import { aggregates, clearReadModels } from './readModels.js';

const PROJECT = `query ($id: ID!, $first: Int!, $after: String) {
  _entities(representations: [{ __typename: "Project", id: $id }]) {
    ... on Project {
      queues { id name project { id } version createdBy { kind } availableActions { action } }
      jobs(first: $first, after: $after) {
        edges { node { id name phase queue { name } } }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
}`;

type Answer = {
  _entities: [
    {
      queues: { id: string; name: string }[] | null;
      jobs: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string } } | null;
    },
  ];
};

const member = (projectId: string) => person([], { [projectId]: ['contents:read' satisfies Permission] });

/** A project that governance has created, with its queue. */
async function addProject(harness: Harness<Scheduling>): Promise<string> {
  const id = `project_${randomUUID()}`;
  const data = { id, key: id, name: id, parentId: null };
  await harness.append('governance', id, { type: 'ProjectCreated', data }, { projectId: id });
  const { queue } = harness.database.prisma;
  await until('the project has a queue', async () => (await queue.count({ where: { projectId: id } })) > 0);
  return id;
}

const look = async (
  harness: Harness<Scheduling>,
  id: string,
  as = member(id),
  page: object = { first: 20 },
) => dataOf<Answer>(await harness.as(as)(PROJECT, { id, ...page }))._entities[0];

/** Jobs as their commands will write them. */
async function storeJobs(harness: Harness<Scheduling>, projectId: string, count: number): Promise<string[]> {
  const { queue, job } = harness.database.prisma;
  const { id: queueId } = await queue.findFirstOrThrow({ where: { projectId } });
  const ids = Array.from({ length: count }, (_, index) => `job_${projectId}_${index}`);
  const now = new Date();
  await job.createMany({
    data: ids.map((id) => ({
      id,
      projectId,
      queueId,
      phase: 'QUEUED',
      priority: 0,
      attempt: 1,
      gpuCount: 1,
      modelIn: ['h100-sxm5-80gb'],
      maxRuntimeSeconds: 3_600,
      createdById: 'user_1',
      version: 1,
      createdAt: now,
      updatedAt: now,
      createdBy: { id: 'user_1', kind: 'USER' },
      state: { projectId, queueId, name: `job ${id}`, phase: 'QUEUED' },
    })),
  });
  return ids;
}

test('every project gets one default queue, made by the system, and no job', async () => {
  await using harness = await startHarness(createScheduling);
  const id = await addProject(harness);
  expect(await look(harness, id)).toEqual({
    queues: [
      {
        id: expect.stringMatching(/^queue_/),
        name: 'default',
        project: { id },
        version: 1,
        createdBy: { kind: 'SYSTEM' },
        availableActions: [],
      },
    ],
    jobs: { edges: [], pageInfo: { hasNextPage: false, endCursor: null }, totalCount: 0 },
  });
});

test('jobs are listed newest first, a page at a time', async () => {
  await using harness = await startHarness(createScheduling);
  const id = await addProject(harness);
  const ids = await storeJobs(harness, id, 3);
  const first = await look(harness, id, member(id), { first: 2 });
  expect(first.jobs).toMatchObject({
    edges: [{ node: { id: ids[2], phase: 'QUEUED', queue: { name: 'default' } } }, { node: { id: ids[1] } }],
    pageInfo: { hasNextPage: true },
    totalCount: 3,
  });
  const rest = await look(harness, id, member(id), { first: 2, after: first.jobs?.pageInfo.endCursor });
  expect(rest.jobs?.edges.map(({ node }) => node.id)).toEqual([ids[0]]);
  const tooMany = await harness.as(member(id))(PROJECT, { id, first: 101 });
  expect(refusalOf(tooMany)).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { faults: [{ path: ['first'] }] },
  });
});

test('queues and jobs of another project look like missing ones, through every door', async () => {
  await using harness = await startHarness(createScheduling);
  const id = await addProject(harness);
  const [jobId] = await storeJobs(harness, id, 1);
  const queueId = (await look(harness, id)).queues?.[0]?.id;
  const stranger = person(['project:read'], { elsewhere: ['contents:read'] });
  expect(await look(harness, id, stranger)).toEqual({ queues: null, jobs: null });
  const doors = `query ($queue: ID!, $job: ID!) {
    queue(id: $queue) { id }
    past: queue(id: $queue, asOf: "2999-01-01T00:00:00Z") { id }
    job(id: $job) { id }
    _entities(representations: [{ __typename: "Queue", id: $queue }, { __typename: "Job", id: $job }]) { __typename }
  }`;
  const ask = async (as: typeof stranger) =>
    dataOf(await harness.as(as)(doors, { queue: queueId, job: jobId }));
  expect(await ask(stranger)).toEqual({ queue: null, past: null, job: null, _entities: [null, null] });
  expect(await ask(member(id))).toEqual({
    queue: { id: queueId },
    past: { id: queueId },
    job: { id: jobId },
    _entities: [{ __typename: 'Queue' }, { __typename: 'Job' }],
  });
});

test('many jobs take as many statements as one', async () => {
  await using harness = await startHarness(createScheduling);
  const id = await addProject(harness);
  const ids = await storeJobs(harness, id, 20);
  const query = `query ($jobs: [_Any!]!) { _entities(representations: $jobs) { ... on Job { id queue { name } } } }`;
  const ask = (some: string[]) => {
    const jobs = some.map((job) => ({ __typename: 'Job', id: job }));
    return harness.count(() => harness.as(member(id))(query, { jobs }));
  };
  const one = await ask(ids.slice(0, 1));
  const twenty = await ask(ids);
  expect(dataOf<{ _entities: object[] }>(twenty.result)._entities).toHaveLength(20);
  expect(one.statements).toBeGreaterThan(0);
  expect(twenty.statements).toBe(one.statements);
});

test('rebuilt queues are byte-equal to the live ones', async () => {
  await using harness = await startHarness(createScheduling);
  for (let count = 0; count < 3; count++) await addProject(harness);
  const { database, app } = harness;
  await expectLiveEqualsRebuilt({
    database,
    schema: 'scheduling',
    rebuild: () =>
      rebuildReadModels({ database, store: app.spine.store, aggregates, clear: clearReadModels }),
  });
});
