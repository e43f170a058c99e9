import { afterAll, expect, test } from 'vitest';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import { createTenant, H100, reaches, setQuota, startScheduling, submitted } from '../scheduling.fixture.js';
import { readPromises } from './eta.repository.js';

const harness = await startScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

const ETA = `query ($id: ID!) { job(id: $id) { eta { p50 p90 reason } queue { id waiting etaHitRate } } }`;
type Shown = {
  eta: { p50: string | null; p90: string | null; reason: string | null } | null;
  queue: { id: string; waiting: number; etaHitRate: number | null };
};

test('a waiting job is given a time, which is kept, judged and published', async () => {
  const { projectId, researcher, requestOf } = await createTenant(harness, { [H100]: 1 });
  const look = async (id: string) => dataOf<{ job: Shown }>(await researcher(ETA, { id })).job;
  const first = (await submitted(researcher, requestOf())).job.id;
  await reaches(harness, first, 'RESERVED');
  const second = (await submitted(researcher, requestOf())).job.id;
  await until('it has a time', async () => (await look(second)).eta?.p90 != null);

  const { eta, queue } = await look(second);
  // No job has finished: only the limit of what runs, an hour, says anything.
  expect(eta).toMatchObject({ p50: null, reason: expect.stringMatching(/Too few jobs have finished/) });
  const hours = (Date.parse(eta?.p90 ?? '') - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(0.9);
  expect(hours).toBeLessThan(1.1);
  expect(queue).toMatchObject({ waiting: 1, etaHitRate: null });

  const { etaPromise } = harness.database.prisma;
  await until(
    'the promise is stored',
    async () => (await etaPromise.count({ where: { jobId: second } })) > 0,
  );
  await setQuota(harness, projectId, H100, 2);
  await reaches(harness, second, 'RESERVED');
  await until('the promise is settled', async () =>
    (await readPromises(harness.database)).some(
      ({ jobId, startedAt }) => jobId === second && startedAt !== null,
    ),
  );
  const [promise] = (await readPromises(harness.database)).filter(({ jobId }) => jobId === second);
  expect(promise).toMatchObject({ attempt: 1, queueId: queue.id, p50: null });
  expect(promise?.startedAt).toBeLessThan(promise?.p90 ?? 0);
  expect(await look(second)).toMatchObject({ eta: null, queue: { waiting: 0, etaHitRate: 1 } });
});

test('a job that will never start leaves no promise behind', async () => {
  const { researcher, requestOf } = await createTenant(harness, { [H100]: 1 });
  const first = (await submitted(researcher, requestOf())).job.id;
  await reaches(harness, first, 'RESERVED');
  const second = (await submitted(researcher, requestOf())).job.id;
  const { etaPromise } = harness.database.prisma;
  const promises = () => etaPromise.count({ where: { jobId: second } });
  await until('the promise is stored', async () => (await promises()) === 1);
  const cancel = `mutation ($input: JobCommandInput!) { cancelJob(input: $input) { eventId } }`;
  dataOf(await researcher(cancel, { input: { id: second, idempotencyKey: 'cancel' } }));
  await until('the promise is gone', async () => (await promises()) === 0);
});
