import { afterAll, expect, test } from 'vitest';
import type { Principal } from '../../platform/identity/principal.js';
import { dataOf } from '../../test/testkit/subgraphHarness.js';
import {
  addJob,
  addProject,
  created,
  deployed,
  deploymentOf,
  mutate,
  registered,
  researcherOf,
  startModels,
} from './models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const VERSION = `id number status sizeBytes parameters precision aliases model { id name } project { id }
  producedBy { id } evaluations { suite } deployments { id status endpoint modelVersion { number }
    traffic { version { number } weightBp } }`;
const MODEL = `id name project { id } latestVersion { number } aliases { name version { id number } history { at } }
  versions(first: 10) { edges { node { ${VERSION} } } totalCount }`;

/** A model with an alias and so many versions, each produced by a job, evaluated and deployed. */
async function fill(
  me: Principal,
  projectId: string,
  { name, versions }: { name: string; versions: number },
) {
  const modelId = await registered(harness, me, projectId, name);
  const ids: string[] = [];
  const jobs: string[] = [];
  for (let count = 0; count < versions; count++) {
    const producedByJobId = await addJob(harness, projectId);
    const id = await created(harness, me, modelId, { producedByJobId });
    await deployed(harness, me, deploymentOf(projectId, id));
    const metrics = [{ name: 'accuracy', value: '0.5' }];
    const evaluation = { modelVersionId: id, suite: 'mmlu', metrics, passed: true };
    dataOf(await mutate(harness, me, { name: 'recordEvaluation', input: evaluation, select: 'eventId' }));
    const alias = { modelId, name: `best-${count}`, versionId: id };
    dataOf(await mutate(harness, me, { name: 'setAlias', input: alias, select: 'eventId' }));
    ids.push(id);
    jobs.push(producedByJobId);
  }
  return { modelId, ids, jobs };
}

async function statementsOf(as: Principal, document: string, variables: Record<string, unknown>) {
  const { result, statements } = await harness.count(() => harness.as(as)(document, variables));
  dataOf(result);
  return statements;
}

test('a page of a model takes as many statements for five versions as for one, and as many for five models', async () => {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const small = await fill(me, projectId, { name: 'small', versions: 1 });
  const large = await fill(me, projectId, { name: 'large', versions: 5 });
  const page = `query ($id: ID!) { model(id: $id) { ${MODEL} } }`;
  const one = await statementsOf(me, page, { id: small.modelId });
  expect(await statementsOf(me, page, { id: large.modelId })).toBe(one);
  expect(one).toBeLessThanOrEqual(10);

  for (let count = 0; count < 3; count++) await fill(me, projectId, { name: `m${count}`, versions: 1 });
  const list = `query ($id: ID!, $first: Int!) { _entities(representations: [{ __typename: "Project", id: $id }]) {
    ... on Project { models(first: $first) { edges { node { ${MODEL} } } } } } }`;
  expect(await statementsOf(me, list, { id: projectId, first: 5 })).toBe(
    await statementsOf(me, list, { id: projectId, first: 1 }),
  );

  const references = (typename: string, ids: readonly string[]) => ({
    representations: ids.map((id) => ({ __typename: typename, id })),
  });
  const kinds = [
    ['ModelVersion', VERSION, large.ids],
    ['Job', `producedVersions { ${VERSION} }`, large.jobs],
    ['RegisteredModel', MODEL, [large.modelId, small.modelId]],
  ] as const;
  for (const [typename, fields, ids] of kinds) {
    const document = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on ${typename} { ${fields} } } }`;
    const single = await statementsOf(me, document, references(typename, ids.slice(0, 1)));
    expect(await statementsOf(me, document, references(typename, [...ids, 'none']))).toBe(single);
  }
});
