import { expect, test } from 'vitest';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import {
  addProject,
  created,
  deploymentOf,
  mutate,
  registered,
  researcherOf,
  startModels,
} from '../models.fixture.js';

test('smoke', async () => {
  await using harness = await startModels();
  const projectId = await addProject(harness, 'vision');
  const me = researcherOf(projectId);
  const modelId = await registered(harness, me, projectId);
  const versionId = await created(harness, me, modelId);
  const answer = await mutate(harness, me, {
    name: 'createDeployment',
    input: deploymentOf(projectId, versionId),
    select:
      'eventId version deployment { id status traffic { version { number } weightBp } } approval { id status }',
  });
  expect(dataOf(answer)).toMatchObject({});
  console.log(JSON.stringify(answer, null, 1));
});
