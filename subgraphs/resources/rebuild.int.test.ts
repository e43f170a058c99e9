import { expect, test } from 'vitest';
import type { AllocationEvent } from '../../contracts/resources.events.js';
import { START } from '../../platform/eventStore/event.js';
import { rebuildProjection } from '../../platform/projection/projection.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { randomsOf } from '../../test/testkit/randoms.js';
import { INSTANCE_APPROVALS } from './instance/instance.approvals.js';
import { instanceAggregate } from './instance/instance.projection.js';
import { aggregates, clearReadModels, projections } from './readModels.js';
import {
  A100,
  comeUp,
  command,
  demoNodes,
  goAway,
  H100,
  people,
  requestInstance,
  requestOf,
  type ResourcesHarness,
  type Requested,
  startResources,
} from './resources.fixture.js';
import { workloadId } from './workload/workload.js';
import { jobSpec, reserve, tellJob } from './workload/workload.fixture.js';
import type { WorkloadObservation } from './workload/workload.observe.js';

const STEPS = 150;

/** Something that could happen, to an instance that was drawn. */
const HAPPENINGS: readonly ((harness: ResourcesHarness, id: string) => Promise<unknown>)[] = [
  comeUp,
  comeUp,
  goAway,
  (harness, id) => command(harness.as(people.admin), 'stopInstance', id),
  (harness, id) => command(harness.as(people.researcher), 'startInstance', id),
  (harness, id) => command(harness.as(people.researcher), 'terminateInstance', id),
  ({ app }, id) => app.observe(id, [{ type: 'podUnready', reason: 'NOT_READY', message: null }]),
  ({ app }, id) =>
    app.observe(id, [{ type: 'podFailed', reason: 'POD_FAILED', message: 'exit 1', retryable: true }]),
  (harness, id) => decided(harness, id, 'ApprovalApproved'),
  (harness, id) => decided(harness, id, 'ApprovalRejected'),
  ({ app }) => app.nodes.recordNodes(demoNodes.slice(0, 4)),
  ({ app }) => app.nodes.recordNodes(demoNodes),
];

/** Governance says what became of the approval that an instance waits for, if it waits for one. */
async function decided({ app, append }: ResourcesHarness, id: string, type: string): Promise<void> {
  const { state } = await app.spine.store.load(instanceAggregate, id);
  if (!state?.approvalId) return;
  const { approvalId, planHash } = state;
  await append('governance', approvalId, {
    type,
    data: { approvalId, target: { type: 'Instance', id }, planHash },
  });
  const governance = String(await app.spine.tails.history('governance').head());
  await app.spine.reacted(INSTANCE_APPROVALS, { governance });
}

/** Something that could be seen of, or happen to, the workload of a job that was drawn. */
const SEEN_OF_JOBS: readonly ((harness: ResourcesHarness, job: string) => Promise<unknown>)[] = [
  see({ type: 'created', uid: 'uid' }, { type: 'running' }),
  see({ type: 'replicas', desired: 2, ready: 1 }),
  see({ type: 'ended', reason: 'EXIT_CODE', exitCode: 3, message: 'no data' }),
  see({ type: 'gone' }),
  (harness, job) =>
    tellJob(harness, job, {
      type: 'JobCancelRequested',
      data: { attempt: 1, reason: 'CANCELLED', deadline: '2099-01-01T00:00:00.000Z' },
    }),
];

function see(...observations: WorkloadObservation[]) {
  return ({ app }: ResourcesHarness, job: string) =>
    app.observeWorkload(workloadId({ id: job }, 1), observations);
}

/** Open allocations by device, after every event; fails where a device is opened twice or closed unopened. */
async function checkDevices({ app }: ResourcesHarness): Promise<void> {
  const gpuOfAllocation = new Map<string, string>();
  const open = new Set<string>();
  for (const event of (await app.spine.store.readContext(START, 10_000)) as unknown as AllocationEvent[]) {
    if (event.type === 'AllocationOpened') {
      expect(open.has(event.data.gpuId)).toBe(false);
      open.add(event.data.gpuId);
      gpuOfAllocation.set(event.data.id, event.data.gpuId);
    } else if (event.type === 'AllocationClosed') {
      expect(open.delete(gpuOfAllocation.get(event.data.id) ?? '')).toBe(true);
    }
  }
}

test('after a random run live read models are byte-equal to rebuilt ones, and no device was given twice', async () => {
  await using harness = await startResources();
  const { app, database } = harness;
  const randoms = randomsOf();
  const pick = <Value>(values: readonly Value[]): Value | undefined => values[randoms.below(values.length)];
  const ids: string[] = [];
  const jobs: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const turn = randoms.below(16);
    if (ids.length === 0 || turn < 4) {
      const gpu = { modelIn: [H100, A100], count: 1 + randoms.below(6) };
      const { data } = await requestInstance(harness.as(people.researcher), requestOf({ gpu }));
      const answer = data?.['requestInstance'] as Requested | undefined;
      if (answer) ids.push(answer.instance.id);
    } else if (turn < 7) {
      const gpu = { modelIn: [H100], count: 1 + randoms.below(3) };
      jobs.push(await reserve(harness, { spec: jobSpec({ gpu }) }));
    } else if (jobs.length > 0 && turn < 12) {
      await pick(SEEN_OF_JOBS)?.(harness, pick(jobs) ?? '');
    } else {
      await pick(HAPPENINGS)?.(harness, pick(ids) ?? '');
    }
  }
  await checkDevices(harness);
  await expectLiveEqualsRebuilt({
    database,
    schema: 'resources',
    async rebuild() {
      await rebuildReadModels({ database, store: app.spine.store, aggregates, clear: clearReadModels });
      for (const projection of projections)
        await rebuildProjection({ database, projection, history: harness.history(projection.source) });
    },
  });
}, 120_000);
