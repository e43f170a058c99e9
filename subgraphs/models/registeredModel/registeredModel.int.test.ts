import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { addProject, holder, startModels } from '../models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const REGISTER = `mutation ($input: RegisterModelInput!) {
  registerModel(input: $input) {
    eventId version
    model { id name task version project { id } createdBy { id } availableActions { action } }
  }
}`;
const MODELS = `query ($id: ID!, $first: Int!, $after: String) {
  _entities(representations: [{ __typename: "Project", id: $id }]) {
    ... on Project {
      models(first: $first, after: $after) {
        edges { node { id name } }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
}`;

type Registered = { registerModel: { eventId: string; version: number; model: { id: string } } };

const researcher = (projectId: string) => holder(projectId, 'contents:read', 'model:write');

const inputFor = (projectId: string, more: object = {}) => ({
  projectId,
  name: 'llama-3.1-8b',
  idempotencyKey: randomUUID(),
  ...more,
});

const register = (as: Principal, input: object) => harness.as(as)(REGISTER, { input });

test('a registered model is there at once, and the same key gives the same answer', async () => {
  const projectId = await addProject(harness);
  const user = researcher(projectId);
  const input = inputFor(projectId, { task: 'text-generation' });
  const first = await register(user, input);
  expect(dataOf(first)).toEqual({
    registerModel: {
      eventId: expect.any(String),
      version: 1,
      model: {
        id: expect.stringMatching(/^model_/),
        name: 'llama-3.1-8b',
        task: 'text-generation',
        version: 1,
        project: { id: projectId },
        createdBy: { id: user.id },
        availableActions: ['createModelVersion', 'setAlias', 'removeAlias'].map((action) => ({ action })),
      },
    },
  });
  expect(dataOf(await register(user, input))).toEqual(dataOf(first));
  const { id } = dataOf<Registered>(first).registerModel.model;
  const read = `query ($id: ID!) { model(id: $id) { id } past: model(id: $id, asOf: "2001-01-01T00:00:00Z") { id } }`;
  expect(dataOf(await harness.as(user)(read, { id }))).toEqual({ model: { id }, past: null });
});

test('names are unique in a project, also when a hundred are registered at once, and free in another', async () => {
  const projectId = await addProject(harness);
  const user = researcher(projectId);
  const answers = await Promise.all(Array.from({ length: 100 }, () => register(user, inputFor(projectId))));
  const refusals = answers.flatMap((answer) => refusalOf(answer) ?? []);
  expect(refusals).toHaveLength(99);
  for (const refusal of refusals)
    expect(refusal).toMatchObject({ code: 'NAME_TAKEN', details: { name: 'llama-3.1-8b' } });
  const other = await addProject(harness);
  expect(dataOf(await register(researcher(other), inputFor(other)))).toBeTruthy();
});

test('a dry run answers and stores nothing', async () => {
  const projectId = await addProject(harness);
  const answer = await register(researcher(projectId), inputFor(projectId, { dryRun: true }));
  expect(dataOf(answer)).toMatchObject({
    registerModel: { eventId: null, version: null, model: { name: 'llama-3.1-8b' } },
  });
  expect(await harness.database.prisma.registeredModel.count({ where: { projectId } })).toBe(0);
});

test('models are registered by those who may, in projects that they see', async () => {
  const projectId = await addProject(harness);
  const input = inputFor(projectId);
  const notFound = { code: 'NOT_FOUND', details: { kind: 'Project' } };
  const forbidden = { code: 'FORBIDDEN', details: { permission: 'model:write' } };
  const admin = person(['contents:read', 'model:write']);
  const cases: [Principal, object, object][] = [
    [person(), input, notFound],
    [researcher('elsewhere'), input, notFound],
    [admin, inputFor('project_none'), notFound],
    [holder(projectId, 'project:read'), input, forbidden],
    [holder(projectId, 'contents:read'), input, forbidden],
    [holder(projectId, 'model:read'), input, forbidden],
  ];
  for (const [user, wanted, refusal] of cases)
    expect(refusalOf(await register(user, wanted))).toMatchObject(refusal);
  expect(await harness.database.prisma.registeredModel.count({ where: { projectId } })).toBe(0);
  expect(dataOf(await register(admin, input))).toBeTruthy();
});

test('bad names and tasks are refused with the path of the fault', async () => {
  const projectId = await addProject(harness);
  const faults: [object, string][] = [
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(10_000) }, 'name'],
    [{ name: 'no spaces' }, 'name'],
    [{ task: '' }, 'task'],
    [{ task: 'x'.repeat(201) }, 'task'],
    [{ idempotencyKey: '' }, 'idempotencyKey'],
  ];
  for (const [more, field] of faults)
    expect(refusalOf(await register(researcher(projectId), inputFor(projectId, more)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', field] }] },
    });
});

test('models of another project look like missing ones, through every door', async () => {
  const projectId = await addProject(harness);
  const answer = await register(researcher(projectId), inputFor(projectId));
  const { id } = dataOf<Registered>(answer).registerModel.model;
  const doors = `query ($id: ID!) {
    model(id: $id) { id }
    past: model(id: $id, asOf: "2999-01-01T00:00:00Z") { id }
    _entities(representations: [{ __typename: "RegisteredModel", id: $id }]) { __typename }
  }`;
  const stranger = harness.as(person(['project:read', 'cost:read'], { elsewhere: ['contents:read'] }));
  expect(dataOf(await stranger(doors, { id }))).toEqual({ model: null, past: null, _entities: [null] });
  expect(dataOf(await stranger(MODELS, { id: projectId, first: 5 }))).toEqual({
    _entities: [{ models: null }],
  });
  const approver = harness.as(person(['model:read']));
  expect(dataOf(await approver(doors, { id }))).toEqual({
    model: { id },
    past: { id },
    _entities: [{ __typename: 'RegisteredModel' }],
  });
});

test('a project lists its models newest first, a page at a time', async () => {
  const projectId = await addProject(harness);
  const user = researcher(projectId);
  for (const name of ['a', 'b', 'c']) dataOf(await register(user, inputFor(projectId, { name })));
  type Page = {
    _entities: [{ models: { edges: { node: { name: string } }[]; pageInfo: { endCursor: string } } }];
  };
  const page = async (after: string | null) => {
    const answer = await harness.as(user)(MODELS, { id: projectId, first: 2, after });
    return dataOf<Page>(answer)._entities[0].models;
  };
  const first = await page(null);
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  const rest = await page(first.pageInfo.endCursor);
  expect([...first.edges, ...rest.edges].map(({ node }) => node.name)).toEqual(['c', 'b', 'a']);
});
