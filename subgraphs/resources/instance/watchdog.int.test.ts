import { expect, test } from 'vitest';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  comeUp,
  command,
  goAway,
  people,
  requested,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';
import { instanceAggregate } from './instance.projection.js';
import { DEADLINE_TIMER } from './watchdog.js';

/** Moves the present deadline of an instance into the past, as if it had been set long ago. */
async function passDeadline({ app, database }: ResourcesHarness, id: string): Promise<void> {
  const long = new Date(Date.now() - 3_600_000);
  const { version } = await app.spine.store.load(instanceAggregate, id);
  await database.prisma.$transaction(async (tx) => {
    // Only an administrator of the database can: the runtime role may not change events.
    await tx.$executeRaw`SET LOCAL ROLE NONE`;
    await tx.$executeRaw`
      UPDATE eventlog.event SET data = jsonb_set(data, '{deadline}', to_jsonb(${long.toISOString()}::text))
      WHERE context = 'resources' AND stream_id = ${id} AND version = ${version}`;
  });
  await database.prisma.timer.updateMany({ where: { name: DEADLINE_TIMER, key: id }, data: { dueAt: long } });
}

const eventsOf = async ({ app }: ResourcesHarness, id: string) =>
  (await app.spine.store.readStream(id)).map(({ type }) => type);

const PAGE = `query ($id: ID!) { instance(id: $id) { state endReason retryable message
  provisioningSteps { name state } allocations { to } } }`;

test('an instance that does not come up in time fails, and its devices are free once no pod is seen', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const { id } = (await requested(researcher)).instance;
  await passDeadline(harness, id);
  await until('it has failed', async () => (await eventsOf(harness, id)).includes('InstanceFailed'));
  const failed = dataOf(await researcher(PAGE, { id }));
  expect(failed).toMatchObject({
    instance: {
      state: 'FAILED',
      endReason: 'PROVISIONING_TIMEOUT',
      retryable: true,
      message: expect.stringMatching(/^PROVISIONING did not end by /),
      allocations: [{ to: null }],
    },
  });
  expect((await eventsOf(harness, id)).slice(-2)).toEqual(['InstanceDeadlineMissed', 'InstanceFailed']);
  expect(await harness.app.desired.instances()).toMatchObject([{ id, presence: 'GONE', nodeName: null }]);
  await goAway(harness, id);
  expect(dataOf(await researcher(PAGE, { id }))).toMatchObject({
    instance: { state: 'FAILED', allocations: [{ to: expect.any(String) }] },
  });
  expect(await harness.app.desired.instances()).toEqual([]);
});

test('a stop that takes too long is told once, and goes on', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const { id } = (await requested(researcher)).instance;
  await comeUp(harness, id);
  expect(await harness.database.prisma.timer.count()).toBe(0);
  await command(researcher, 'stopInstance', id);
  await passDeadline(harness, id);
  await until('it is told', async () => (await eventsOf(harness, id)).includes('InstanceDeadlineMissed'));
  await until('the timer is gone', async () => (await harness.database.prisma.timer.count()) === 0);
  await goAway(harness, id);
  expect((await eventsOf(harness, id)).slice(-3)).toEqual([
    'InstanceStopRequested',
    'InstanceDeadlineMissed',
    'InstanceStopped',
  ]);
});
