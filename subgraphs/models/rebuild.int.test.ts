import { test } from 'vitest';
import { rebuildProjection } from '../../platform/projection/projection.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { randomsOf } from '../../test/testkit/randoms.js';
import { until } from '../../test/testkit/until.js';
import {
  addJob,
  addProject,
  approverOf,
  created,
  deployed,
  deploymentOf,
  type ModelsHarness,
  mutate,
  registered,
  researcherOf,
  startModels,
  tell,
} from './models.fixture.js';
import { aggregates, clearReadModels, projections } from './readModels.js';

const STEPS = 40;

/** What resources may tell of a deployment's workload, in an order that makes sense or not. */
const WORKLOAD_EVENTS: readonly [string, object][] = [
  ['WorkloadAdmitted', { allocationIds: ['allocation_1'] }],
  ['WorkloadReplicasChanged', { desired: 1, ready: 1 }],
  ['WorkloadReplicasChanged', { desired: 1, ready: 0 }],
  ['WorkloadEnded', { reason: 'NODE_LOST', message: 'Its node is gone.' }],
  ['WorkloadCleared', {}],
];

/** Waits until models have heard the newest of what was told. */
async function settled({ database, history }: ModelsHarness): Promise<void> {
  const head = await history('resources').head();
  await until('it has heard all', async () => {
    const where = { name: 'models.deployment-workloads', position: { gte: head } };
    return head === 0n || (await database.prisma.checkpoint.count({ where })) > 0;
  });
}

test('after a random run live read models are byte-equal to rebuilt ones', async () => {
  await using harness = await startModels();
  const { app, database } = harness;
  const randoms = randomsOf();
  const pick = <Value>(values: readonly Value[]): Value => values[randoms.below(values.length)] as Value;
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const approver = approverOf(projectId);
  const models = [
    await registered(harness, me, projectId, 'a'),
    await registered(harness, me, projectId, 'b'),
  ];
  const job = await addJob(harness, projectId);
  const versions: { id: string; modelId: string }[] = [];
  const deployments: string[] = [];

  const happenings: readonly (() => Promise<unknown>)[] = [
    async () => {
      const modelId = pick(models);
      versions.push({ modelId, id: await created(harness, me, modelId, { producedByJobId: job }) });
    },
    async () => {
      const version = pick(versions);
      const input = deploymentOf(projectId, version.id);
      const answer = mutate(harness, me, { name: 'createDeployment', input, select: 'deployment { id }' });
      const { data } = await answer;
      const made = data?.['createDeployment'] as { deployment: { id: string } } | undefined;
      if (made) deployments.push(made.deployment.id);
    },
    () => {
      const { id: versionId, modelId } = pick(versions);
      const input = { modelId, versionId, name: pick(['champion', 'production']) };
      return mutate(harness, approver, { name: 'setAlias', input, select: 'eventId' });
    },
    () => {
      const input = { modelId: pick(models), name: 'champion' };
      return mutate(harness, me, { name: 'removeAlias', input, select: 'eventId' });
    },
    () => {
      const metrics = [{ name: 'accuracy', value: '0.5' }];
      const input = { modelVersionId: pick(versions).id, suite: 'mmlu', metrics, passed: true };
      return mutate(harness, me, { name: 'recordEvaluation', input, select: 'eventId' });
    },
    () => {
      const input = { id: pick(versions).id };
      return mutate(harness, me, { name: 'deprecateModelVersion', input, select: 'eventId' });
    },
    () => {
      const weights = [{ modelVersionId: pick(versions).id, weightBp: 10_000 }];
      const input = { id: pick(deployments), weights };
      return mutate(harness, me, { name: 'setTraffic', input, select: 'eventId' });
    },
    () => tell(harness, pick(deployments), ...pick(WORKLOAD_EVENTS)),
    () => tell(harness, pick(deployments), 'WorkloadAdmitted', { allocationIds: ['allocation_1'] }),
    () =>
      mutate(harness, me, { name: 'deleteDeployment', input: { id: pick(deployments) }, select: 'eventId' }),
  ];
  await happenings[0]?.();
  deployments.push(await deployed(harness, me, deploymentOf(projectId, versions[0]?.id ?? '')));
  for (let step = 0; step < STEPS; step++) await pick(happenings)();
  await settled(harness);

  await app.spine[Symbol.asyncDispose]();
  await expectLiveEqualsRebuilt({
    database,
    schema: 'models',
    rebuild: async () => {
      await rebuildReadModels({ database, store: app.spine.store, aggregates, clear: clearReadModels });
      for (const projection of projections)
        await rebuildProjection({ database, projection, history: harness.history(projection.source) });
    },
  });
});
