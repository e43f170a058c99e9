import { expect, test } from 'vitest';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { people, type ResourcesHarness, startResources } from '../resources.fixture.js';
import { newJob, openDevicesOf, reservation, reserve, tellJob } from '../workload/workload.fixture.js';
import { createMetricHistory } from './history.repository.js';
import { MEASURES, type Reading } from './reading.js';

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;
const MINUTE = 60_000;

async function submitted(harness: ResourcesHarness): Promise<string> {
  const job = newJob();
  const { spec, name, projectId, maxRuntimeSeconds } = reservation();
  const data = { id: job, projectId, queueId: 'queue_1', name, spec, priority: 0, maxRuntimeSeconds };
  await tellJob(harness, job, { type: 'JobSubmitted', data: { ...data, planHash: 'hash' } });
  return job;
}

/** The job has had its devices from a time on, and gives them back at another. */
async function held(harness: ResourcesHarness, job: string, from: number, to: number | null): Promise<void> {
  await harness.database.prisma.allocation.updateMany({
    where: { ownerId: job },
    data: { openedAt: new Date(from), closedAt: to === null ? null : new Date(to) },
  });
}

const energyOf = async (harness: ResourcesHarness, who: keyof typeof people, jobs: readonly string[]) => {
  const document = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Job { energyKwh } } }`;
  const representations = jobs.map((id) => ({ __typename: 'Job', id }));
  return harness.count(async () => {
    const answer = await harness.as(people[who])(document, { representations });
    const { _entities } = dataOf<{ _entities: { energyKwh: number | null }[] }>(answer);
    return _entities.map(({ energyKwh }) => energyKwh);
  });
};

test("a job's energy is the power of its devices over the time that it had them, and nothing beyond", async () => {
  await using harness = await startResources();
  const [job, waiting] = [await submitted(harness), await submitted(harness)];
  await reserve(harness, {}, job);
  const [gpu = '', other = ''] = await openDevicesOf(harness, job);
  const history = createMetricHistory(harness.database.prisma);
  const start = Math.floor((Date.now() - 10 * MINUTE) / 10_000) * 10_000;
  const measure = (gpuId: string, fromMs: number, toMs: number, powerW: number) =>
    history.write(
      Array.from({ length: (toMs - fromMs) / 10_000 }, (_, index) => ({
        gpuId,
        atMs: fromMs + index * 10_000,
        samples: 10,
        reading: { ...nothing, powerW },
      })),
    );
  expect((await energyOf(harness, 'colleague', [job, waiting])).result).toEqual([null, null]);

  // Six minutes at 600 W, of which it had the device for five; and another device at 300 W, measured for one minute.
  await measure(gpu, start, start + 6 * MINUTE, 600);
  await measure(other, start + MINUTE, start + 2 * MINUTE, 300);
  await held(harness, job, start + 5_000, start + 5 * MINUTE + 5_000);
  const { result, statements } = await energyOf(harness, 'colleague', [job, waiting, 'job_none']);
  expect(result).toEqual([expect.closeTo((600 * 300 + 300 * 60) / 3_600_000, 9), null, null]);
  expect((await energyOf(harness, 'colleague', [job])).statements).toBe(statements);
  expect((await energyOf(harness, 'stranger', [job])).result).toEqual([null]);

  // Of what began long ago the minutes are kept.
  const days = start - 2 * 24 * 60 * MINUTE;
  await held(harness, job, days, days + MINUTE);
  await harness.database.prisma.gpuMetric.create({
    data: {
      gpuId: gpu,
      stepS: 60,
      startedAt: new Date(Math.floor(days / MINUTE) * MINUTE),
      samples: 60,
      powerW: 60,
    },
  });
  const [old] = (await energyOf(harness, 'colleague', [job])).result;
  expect(old).toBeGreaterThan(0);
  expect(old).toBeLessThanOrEqual((60 * 60) / 3_600_000);
});
