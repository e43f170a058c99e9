import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Permission } from '../../contracts/permissions.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { dataOf, person, refusalOf } from '../../test/testkit/subgraphHarness.js';
import { until } from '../../test/testkit/until.js';
import { aggregates, clearReadModels } from './readModels.js';
import {
  addProject,
  cancelJob,
  type SchedulingHarness,
  startBareScheduling,
  storeJobs,
} from './scheduling.fixture.js';

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

/** A project of its own for each test. */
async function newProject(harness: SchedulingHarness): Promise<string> {
  const id = `project_${randomUUID()}`;
  await addProject(harness, id);
  return id;
}

/** What the pass stores for the first time would be counted with what a request stores. */
const passHasDecided = ({ database }: SchedulingHarness) =>
  until('the pass has decided', async () => (await database.prisma.decision.count()) > 0);

const look = async (harness: SchedulingHarness, id: string, as = member(id), page: object = { first: 20 }) =>
  dataOf<Answer>(await harness.as(as)(PROJECT, { id, ...page }))._entities[0];

test('every project gets one default queue, made by the system, and no job', async () => {
  await using harness = await startBareScheduling();
  const id = await newProject(harness);
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
  await using harness = await startBareScheduling();
  const id = await newProject(harness);
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
  await using harness = await startBareScheduling();
  const id = await newProject(harness);
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

const LIST = `query ($projectId: ID!, $filter: JobFilter, $first: Int!, $after: String) {
  jobs(projectId: $projectId, filter: $filter, first: $first, after: $after) {
    edges { cursor node { id name phase queuePosition blockers { code rank } eta { p50 }
      attempts { number allocations { id } } queue { name } availableActions { action } } }
    pageInfo { hasNextPage endCursor } totalCount } }`;

type Listed = {
  jobs: {
    edges: { node: { id: string; phase: string } }[];
    pageInfo: { endCursor: string };
    totalCount: number;
  };
};

test('jobs are found by phase, by who submitted them and by their labels, a page at a time', async () => {
  await using harness = await startBareScheduling();
  const projectId = await newProject(harness);
  const [first = '', second = '', third = ''] = await storeJobs(harness, projectId, 3, (index) => ({
    labels: [
      { key: 'team', value: index === 1 ? 'blue' : 'red' },
      { key: 'run', value: String(index) },
    ],
  }));
  const admin = person([], { [projectId]: ['contents:read', 'job:write'] });
  await cancelJob(harness.as(admin), first);
  const find = async (filter: object | null, page: object = { first: 20 }, as = member(projectId)) =>
    dataOf<Listed>(await harness.as(as)(LIST, { projectId, filter, ...page })).jobs;
  const idsOf = ({ edges }: Listed['jobs']) => edges.map(({ node }) => node.id);

  expect(idsOf(await find(null))).toEqual([third, second, first]);
  expect(idsOf(await find({ phaseIn: ['CANCELLED'] }))).toEqual([first]);
  const team = { labels: [{ key: 'team', value: 'red' }] };
  expect(idsOf(await find(team))).toEqual([third, first]);
  expect(await find({ ...team, phaseIn: ['QUEUED'] })).toMatchObject({ totalCount: 1 });
  expect(idsOf(await find({ labels: [...team.labels, { key: 'run', value: '2' }] }))).toEqual([third]);
  expect(idsOf(await find({ createdBy: 'user_nobody' }))).toEqual([]);
  const { createdById } = await harness.database.prisma.job.findUniqueOrThrow({ where: { id: first } });
  const page = await find({ createdBy: createdById }, { first: 2 });
  expect(page).toMatchObject({ pageInfo: { hasNextPage: true }, totalCount: 3 });
  const rest = await find({ createdBy: createdById }, { first: 2, after: page.pageInfo.endCursor });
  expect(idsOf(rest)).toEqual([first]);

  const hidden = await find(null, { first: 20 }, person(['project:read'], { elsewhere: ['contents:read'] }));
  expect(hidden).toMatchObject({ edges: [], totalCount: 0 });
});

test('a page of many jobs takes as many statements as a page of one', async () => {
  await using harness = await startBareScheduling();
  const projectId = await newProject(harness);
  await storeJobs(harness, projectId, 50);
  await passHasDecided(harness);
  const ask = (first: number) =>
    harness.count(() => harness.as(member(projectId))(LIST, { projectId, first }));
  const one = await ask(1);
  const fifty = await ask(50);
  expect(dataOf<Listed>(fifty.result).jobs.edges).toHaveLength(50);
  expect(one.statements).toBeGreaterThan(0);
  expect(fifty.statements).toBe(one.statements);
});

test('many jobs take as many statements as one', async () => {
  await using harness = await startBareScheduling();
  const id = await newProject(harness);
  const ids = await storeJobs(harness, id, 20);
  await passHasDecided(harness);
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

test('rebuilt queues and jobs are byte-equal to the live ones', async () => {
  await using harness = await startBareScheduling();
  for (let count = 0; count < 3; count++) {
    const projectId = await newProject(harness);
    const [first = ''] = await storeJobs(harness, projectId, 3);
    const admin = person([], { [projectId]: ['contents:read', 'job:write'] });
    dataOf(await cancelJob(harness.as(admin), first));
  }
  const { database, app } = harness;
  await expectLiveEqualsRebuilt({
    database,
    schema: 'scheduling',
    leftOut: ['decision', 'eta_promise'],
    rebuild: () =>
      rebuildReadModels({ database, store: app.spine.store, aggregates, clear: clearReadModels }),
  });
});
