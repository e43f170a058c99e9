import { afterAll, expect, test } from 'vitest';
import { dataOf, person } from '../../test/testkit/subgraphHarness.js';
import {
  addJob,
  addProject,
  approverOf,
  created,
  deployed,
  deploymentOf,
  holder,
  registered,
  researcherOf,
  startModels,
} from './models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const DOORS = `query ($project: ID!, $model: ID!, $version: ID!, $deployment: ID!, $job: ID!) {
  model(id: $model) { id }
  modelVersion(id: $version) { id }
  versionThen: modelVersion(id: $version, asOf: "2999-01-01T00:00:00Z") { id }
  deployment(id: $deployment) { id }
  deploymentThen: deployment(id: $deployment, asOf: "2999-01-01T00:00:00Z") { id }
  _entities(representations: [
    { __typename: "RegisteredModel", id: $model }
    { __typename: "ModelVersion", id: $version }
    { __typename: "Deployment", id: $deployment }
    { __typename: "Project", id: $project }
    { __typename: "Job", id: $job }
  ]) {
    ... on RegisteredModel { id } ... on ModelVersion { id } ... on Deployment { id }
    ... on Project { models(first: 5) { totalCount } deployments(first: 5) { totalCount } }
    ... on Job { producedVersions { id } }
  } }`;

test('what is in a project is there for those who see its contents or its models, and for nobody else', async () => {
  const project = await addProject(harness);
  const me = researcherOf(project);
  const job = await addJob(harness, project);
  const model = await registered(harness, me, project);
  const version = await created(harness, me, model, { producedByJobId: job });
  const deployment = await deployed(harness, me, deploymentOf(project, version));
  const variables = { project, model, version, deployment, job };

  const all = {
    model: { id: model },
    modelVersion: { id: version },
    versionThen: { id: version },
    deployment: { id: deployment },
    deploymentThen: { id: deployment },
    _entities: [
      { id: model },
      { id: version },
      { id: deployment },
      { models: { totalCount: 1 }, deployments: { totalCount: 1 } },
      { producedVersions: [{ id: version }] },
    ],
  };
  const insiders = [me, approverOf(project), person(['model:read']), holder(project, 'contents:read')];
  for (const viewer of insiders) expect(dataOf(await harness.as(viewer)(DOORS, variables))).toEqual(all);

  const nothing = {
    model: null,
    modelVersion: null,
    versionThen: null,
    deployment: null,
    deploymentThen: null,
    _entities: [null, null, null, { models: null, deployments: null }, { producedVersions: [] }],
  };
  const outsiders = [
    person(),
    person(['project:read', 'amounts:read', 'cost:read', 'trail:read', 'fleet:operate']),
    researcherOf(await addProject(harness)),
    holder(project, 'project:read', 'deployment:write', 'model:write', 'alias:writeProtected'),
  ];
  for (const viewer of outsiders) expect(dataOf(await harness.as(viewer)(DOORS, variables))).toEqual(nothing);
});
