import { test } from 'vitest';
import { rebuildProjection } from '../../platform/projection/projection.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { until } from '../../test/testkit/until.js';
import {
  addProject,
  budgetOf,
  closeAllocation,
  createVersion,
  openAllocation,
  origin,
  requestDeployment,
  startBilling,
  submitJob,
  useDevices,
} from './billing.fixture.js';
import { aggregates, clearReadModels, projections } from './readModels.js';

test('all that billing keeps is byte-equal when it is rebuilt from the events', async () => {
  await using harness = await startBilling();
  const { app, database } = harness;
  await app.bootstrap();
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  await budgetOf(harness, root, '100');
  for (let count = 0; count < 12; count++) {
    const [ownerId, projectId] = [`instance_${count}`, count % 2 ? root : child];
    await harness.append('resources', ownerId, { type: 'InstanceRequested', data: {} }, { projectId });
    await app.calls.placeHold({ ownerId, projectId, amount: '2.99', currency: 'USD' }, origin);
    if (count % 3 === 0) await app.calls.releaseHold({ ownerId, reason: 'REFUSED' }, origin);
    const id = await openAllocation(harness, { ownerId, projectId, from: new Date() });
    if (count % 4) await closeAllocation(harness, id, new Date(Date.now() + count));
  }
  await useDevices(harness, { ownerId: 'instance_1', projectId: root });
  await submitJob(harness, 'job_1', child);
  await app.calls.placeHold(
    { ownerId: 'job_1', projectId: child, amount: '3', currency: 'USD', seconds: 60 },
    origin,
  );
  await requestDeployment(harness, 'deployment_1', child);
  await createVersion(harness, 'version_1', child, 'job_1');
  await until('everything has been read', async () => {
    for (const { name, source } of projections) {
      const where = { name_context: { name, context: source } };
      const checkpoint = await database.prisma.checkpoint.findUnique({ where });
      if (checkpoint?.position !== (await harness.history(source).head())) return false;
    }
    return true;
  });
  await app.spine[Symbol.asyncDispose]();
  await expectLiveEqualsRebuilt({
    database,
    schema: 'billing',
    rebuild: async () => {
      await rebuildReadModels({ database, store: app.spine.store, aggregates, clear: clearReadModels });
      for (const projection of projections)
        await rebuildProjection({ database, projection, history: harness.history(projection.source) });
    },
  });
});
