import { expect } from 'vitest';
import { randomsOf } from '../../../test/testkit/randoms.js';
import {
  addProject,
  created,
  deploymentOf,
  type ModelsHarness,
  mutate,
  registered,
  researcherOf,
} from '../models.fixture.js';

const STEPS = 60;

/**
 * Creates versions, moves aliases, deploys and quarantines, all at once. Afterwards the numbers have no gaps, and no
 * version that is quarantined has an alias or is served.
 */
export async function expectAgreement(harness: ModelsHarness): Promise<void> {
  const randoms = randomsOf();
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const modelId = await registered(harness, me, projectId);
  const versions = [await created(harness, me, modelId), await created(harness, me, modelId)];
  const pick = () => versions[randoms.below(versions.length)] ?? '';
  const happenings: readonly (() => Promise<unknown>)[] = [
    () => created(harness, me, modelId),
    () => {
      const input = { modelId, versionId: pick(), name: 'champion' };
      return mutate(harness, me, { name: 'setAlias', input, select: 'eventId' });
    },
    () =>
      mutate(harness, me, { name: 'removeAlias', input: { modelId, name: 'champion' }, select: 'eventId' }),
    () => {
      const input = deploymentOf(projectId, pick());
      return mutate(harness, me, { name: 'createDeployment', input, select: 'eventId' });
    },
    () => {
      const input = { id: pick(), reason: 'It leaks.' };
      return mutate(harness, me, { name: 'quarantineModelVersion', input, select: 'eventId' });
    },
    () => mutate(harness, me, { name: 'releaseModelVersion', input: { id: pick() }, select: 'eventId' }),
  ];
  await Promise.all(
    Array.from({ length: STEPS }, async () => happenings[randoms.below(happenings.length)]?.()),
  );

  const { prisma } = harness.database;
  const rows = await prisma.modelVersion.findMany({ where: { modelId }, orderBy: { number: 'asc' } });
  expect(rows.map(({ number }) => number)).toEqual(rows.map((_row, index) => index + 1));
  const quarantined = rows.filter(({ state }) => (state as { status: string }).status === 'QUARANTINED');
  const ids = quarantined.map(({ id }) => id);
  expect(await prisma.deploymentVersion.count({ where: { modelVersionId: { in: ids } } })).toBe(0);
  const model = await prisma.registeredModel.findUniqueOrThrow({ where: { id: modelId } });
  const { aliases } = model.state as { aliases: { versionId: string }[] };
  for (const { versionId } of aliases) expect(ids).not.toContain(versionId);
}
