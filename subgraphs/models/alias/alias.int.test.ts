import { afterAll, expect, test } from 'vitest';
import type { RegisteredModelEvent } from '../../../contracts/models.events.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  addProject,
  approverOf,
  created,
  holder,
  mutate,
  registered,
  researcherOf,
  startModels,
} from '../models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

async function arrange() {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const modelId = await registered(harness, me, projectId);
  const versions = [await created(harness, me, modelId), await created(harness, me, modelId)] as const;
  return { projectId, me, modelId, versions };
}

const SET = 'eventId version alias { name protected version { id number } }';
const set = (as: Principal, input: object) => mutate(harness, as, { name: 'setAlias', input, select: SET });
const remove = (as: Principal, input: object) =>
  mutate(harness, as, { name: 'removeAlias', input, select: 'eventId model { aliases { name } }' });

test('an alias is moved by one command, its history tells every move, and the past stays as it was', async () => {
  const { me, modelId, versions } = await arrange();
  const [v1, v2] = versions;
  expect(dataOf(await set(me, { modelId, name: 'champion', versionId: v1 }))).toEqual({
    setAlias: {
      eventId: expect.any(String),
      version: 2,
      alias: { name: 'champion', protected: false, version: { id: v1, number: 1 } },
    },
  });
  const read = `query ($id: ID!, $asOf: DateTime) { model(id: $id, asOf: $asOf) { aliases { name version { number } } } }`;
  const { at } = await harness.database.prisma.aliasChange.findFirstOrThrow({ where: { modelId } });
  const moved = { modelId, name: 'champion', versionId: v2, expectedVersionId: v1 };
  dataOf(await set(me, moved));
  const past = at.toISOString();
  expect(dataOf(await harness.as(me)(read, { id: modelId, asOf: past }))).toEqual({
    model: { aliases: [{ name: 'champion', version: { number: 1 } }] },
  });
  const page = `query ($id: ID!) { model(id: $id) { alias(name: "champion") {
    version { number aliases } history { by { id } version { number } previousVersion { number } } } none: alias(name: "none") { name } } }`;
  expect(dataOf(await harness.as(me)(page, { id: modelId }))).toEqual({
    model: {
      alias: {
        version: { number: 2, aliases: ['champion'] },
        history: [
          { by: { id: me.id }, version: { number: 2 }, previousVersion: { number: 1 } },
          { by: { id: me.id }, version: { number: 1 }, previousVersion: null },
        ],
      },
      none: null,
    },
  });
  expect(dataOf(await remove(me, { modelId, name: 'champion', expectedVersionId: v2 }))).toMatchObject({
    removeAlias: { model: { aliases: [] } },
  });
  expect(refusalOf(await remove(me, { modelId, name: 'champion' }))).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'Alias' },
  });
});

test('protected aliases are moved only by those who may write protected ones', async () => {
  const { projectId, me, modelId, versions } = await arrange();
  const input = { modelId, name: 'production', versionId: versions[0] };
  const forbidden = { code: 'FORBIDDEN', details: { permission: 'alias:writeProtected' } };
  expect(refusalOf(await set(me, input))).toMatchObject(forbidden);
  expect(dataOf(await set(approverOf(projectId), input))).toMatchObject({
    setAlias: { alias: { name: 'production', protected: true } },
  });
  expect(refusalOf(await remove(me, { modelId, name: 'production' }))).toMatchObject(forbidden);
  expect(refusalOf(await set(holder(projectId, 'model:read'), { ...input, name: 'champion' }))).toMatchObject(
    { code: 'FORBIDDEN', details: { permission: 'model:write' } },
  );
});

test('an alias resolves to versions of its own model, that the caller sees', async () => {
  const { projectId, me, modelId, versions } = await arrange();
  const other = await registered(harness, me, projectId, 'other');
  const foreign = await created(harness, me, other);
  expect(refusalOf(await set(me, { modelId, name: 'champion', versionId: foreign }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { faults: [{ path: ['input', 'versionId'] }] },
  });
  const hidden = await arrange();
  for (const versionId of ['model-version_none', hidden.versions[0]])
    expect(refusalOf(await set(me, { modelId, name: 'champion', versionId }))).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'ModelVersion', id: versionId },
    });
  for (const as of [person(), hidden.me])
    expect(refusalOf(await set(as, { modelId, name: 'champion', versionId: versions[0] }))).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'RegisteredModel' },
    });
  for (const name of ['', 'Champion', '7', 'v7', 'x'.repeat(65), 'a b'])
    expect(refusalOf(await set(me, { modelId, name, versionId: versions[0] }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', 'name'] }] },
    });
  expect(await harness.database.prisma.aliasChange.count({ where: { modelId } })).toBe(0);
});

test('a wrong expectation is refused and says what the alias resolves to', async () => {
  const { me, modelId, versions } = await arrange();
  const [v1, v2] = versions;
  const input = { modelId, name: 'champion', versionId: v2, expectedVersionId: v1 };
  expect(refusalOf(await set(me, input))).toMatchObject({ code: 'CONFLICT', details: { versionId: null } });
  dataOf(await set(me, { modelId, name: 'champion', versionId: v2 }));
  expect(refusalOf(await set(me, input))).toMatchObject({
    code: 'CONFLICT',
    details: { modelId, name: 'champion', expectedVersionId: v1, versionId: v2 },
  });
  expect(refusalOf(await set(me, { ...input, expectedVersionId: v2, expectedVersion: 1 }))).toMatchObject({
    code: 'CONFLICT',
    details: { expectedVersion: 1, version: 2 },
  });
});

test('of many who move an alias at once from the same version one wins, and no instant has two answers', async () => {
  const { me, modelId, versions } = await arrange();
  const [v1, v2] = versions;
  dataOf(await set(me, { modelId, name: 'champion', versionId: v1 }));
  const guarded = { modelId, name: 'champion', versionId: v2, expectedVersionId: v1 };
  const answers = await Promise.all(Array.from({ length: 20 }, () => set(me, guarded)));
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      set(me, { modelId, name: 'champion', versionId: versions[index % 2] }),
    ),
  );
  const events = await harness.app.spine.store.readStream<RegisteredModelEvent>(modelId);
  let resolves: string | null = null;
  for (const event of events) {
    if (event.type !== 'AliasSet') continue;
    expect(event.data.previousVersionId).toBe(resolves);
    expect(event.data.versionId).not.toBe(resolves);
    resolves = event.data.versionId;
  }
  const read = `query ($id: ID!) { model(id: $id) { aliases { name version { id } } } }`;
  expect(dataOf(await harness.as(me)(read, { id: modelId }))).toEqual({
    model: { aliases: [{ name: 'champion', version: { id: resolves } }] },
  });
});
