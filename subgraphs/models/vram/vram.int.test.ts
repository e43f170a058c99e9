import { afterAll, expect, test } from 'vitest';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { addProject, created, H100, registered, researcherOf, startModels } from '../models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const ESTIMATE = `query ($input: EstimateVramInput!) { estimateVram(input: $input) {
  weightsMiB kvCacheMiB trainingMiB overheadMiB totalMiB assumptions fits { gpuModel { id } gpus neededMiB usableMiB } } }`;

const architecture = { layers: 32, kvHeads: 8, headDim: 128 };

async function arrange(more: object) {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  return { me, modelVersionId: await created(harness, me, await registered(harness, me, projectId), more) };
}

test('a version knows what it takes, and what it does not say can be said', async () => {
  const facts = { parameters: '8030261248', precision: 'BF16', architecture };
  const { me, modelVersionId } = await arrange(facts);
  const input = { modelVersionId, contextTokens: 8192, concurrency: 4 };
  const expected = { weightsMiB: 15_317, kvCacheMiB: 4_096, overheadMiB: 1_024, totalMiB: 20_437 };
  const answer = dataOf(await harness.as(me)(ESTIMATE, { input }));
  expect(answer).toMatchObject({ estimateVram: expected });
  expect(answer).toMatchObject({
    estimateVram: {
      fits: expect.arrayContaining([
        { gpuModel: { id: H100 }, gpus: 1, neededMiB: 20_437, usableMiB: 75_366 },
      ]),
    },
  });
  const said = await harness.as(me)(ESTIMATE, { input: { ...input, modelVersionId: null, ...facts } });
  expect(dataOf(said)).toEqual(answer);
  const other = await harness.as(me)(ESTIMATE, { input: { ...input, precision: 'INT4' } });
  expect(dataOf(other)).toMatchObject({ estimateVram: { weightsMiB: 3_830, kvCacheMiB: 1_024 } });
});

test('what is not known, not visible or not possible is refused', async () => {
  const { me, modelVersionId } = await arrange({});
  const refused = async (input: object, as = me) => refusalOf(await harness.as(as)(ESTIMATE, { input }));
  const missing = { code: 'BAD_USER_INPUT', details: { faults: [{ path: ['input', 'parameters'] }] } };
  expect(await refused({})).toMatchObject(missing);
  expect(await refused({ modelVersionId })).toMatchObject(missing);
  expect(await refused({ parameters: '0' })).toMatchObject(missing);
  expect(await refused({ parameters: '100000000000001' })).toMatchObject(missing);
  expect(await refused({ parameters: '1', contextTokens: 0 })).toMatchObject({ code: 'BAD_USER_INPUT' });
  const vast = { parameters: '1', architecture: { layers: 10_000, kvHeads: 10_000, headDim: 10_000 } };
  expect(await refused({ ...vast, contextTokens: 100_000_000 })).toMatchObject({
    details: { faults: [{ path: ['input'] }] },
  });
  expect(await refused({ modelVersionId, parameters: '1' }, person())).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'ModelVersion' },
  });
});
