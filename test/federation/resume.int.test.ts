import { afterAll, beforeAll, expect, test } from 'vitest';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { START } from '../../platform/eventStore/event.js';
import { decodeCursor } from '../../platform/feed/cursor.js';
import { mutate } from '../testkit/answers.js';
import { createCutFeeds } from '../testkit/cutFeeds.js';
import { dataOf, newKey, startFleet, type TestFleet } from '../testkit/fleet.js';
import { randomsOf } from '../testkit/randoms.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const CUTS = 200;
const INSTANCES = 3;
const WATCHERS_PER_INSTANCE = 3;
const SUBMITTERS = 3;
const JOB_WATCHERS = 12;
const GPU_MODEL = 'a100-sxm4-80gb';

let fleet: TestFleet;
let tenant: Tenant;
let jobTenant: Tenant;
let token: string;
/** The feeds were cut often enough: the instances are to end. */
let ending = false;
/** They have ended: nothing more will happen to them. */
let ended = false;

beforeAll(async () => {
  fleet = await startFleet();
  tenant = await createTenant(fleet, { quotas: { [GPU_MODEL]: INSTANCES } });
  jobTenant = await createTenant(fleet, { quotas: { [GPU_MODEL]: 2 } });
  token = await developmentToken(fleet.fleet.issuer, 'vision-researcher');
});
afterAll(() => fleet[Symbol.asyncDispose]());

const positionsOf = async (id: string) =>
  (await fleet.fleet.core.resources.spine.store.readStream(id)).map(({ position }) => position);

test(`a feed that is cut ${CUTS} times and resumed with its last cursor delivers every event once and in order`, async () => {
  const randoms = randomsOf();
  const feeds = createCutFeeds({ url: fleet.url, token, randoms });
  const ids = await Promise.all(
    Array.from({ length: INSTANCES }, async () => {
      const { requestInstance } = dataOf(await tenant.requestInstance(GPU_MODEL, 1));
      return requestInstance.instance.id;
    }),
  );
  const watch = async (id: string) => {
    const isOver = async (newest: bigint | undefined) => ended && newest === (await positionsOf(id)).at(-1);
    const feed = { name: 'InstanceEvents', field: 'instanceEvents', context: 'resources', after: null };
    return { id, seen: await feeds.watch({ ...feed, variables: { id }, isOver }) };
  };
  const watching = ids.flatMap((id) => Array.from({ length: WATCHERS_PER_INSTANCE }, () => watch(id)));
  const changing = ids.map(keepChanging);
  const enough = until(`there were ${CUTS} cuts`, () => feeds.cuts() >= CUTS, 150_000);
  // A feed or a command that fails ends the test at once.
  await Promise.race([enough, Promise.all([...watching, ...changing])]);
  ending = true;
  await Promise.all(changing);
  ended = true;
  feeds.cutAll();

  for (const { id, seen } of await Promise.all(watching)) {
    // The first is the snapshot, as of the context's newest event then.
    const [snapshot = 0n, ...followed] = seen;
    const since = (await positionsOf(id)).filter((position) => position > snapshot);
    expect({ seed: randoms.seed, followed }).toEqual({ seed: randoms.seed, followed: since });
    expect(followed.length).toBeGreaterThan(0);
  }
}, 200_000);

/** Stops and starts an instance until the feeds were cut often enough, and ends it then. */
async function keepChanging(id: string): Promise<void> {
  const command = async (name: string) =>
    dataOf(await tenant.researcher.run(name, { input: { id, idempotencyKey: newKey() } }));
  type Item = { instanceEvents: { instance: { state: string } } };
  for await (const answer of tenant.researcher.subscribe<Item>('InstanceEvents', { id })) {
    const { state } = dataOf(answer).instanceEvents.instance;
    if (state === 'TERMINATED') return;
    if (state === 'RUNNING') await command(ending ? 'TerminateInstance' : 'StopInstance');
    if (state === 'STOPPED') await command(ending ? 'TerminateInstance' : 'StartInstance');
  }
}

async function submitJob(name: string): Promise<string> {
  const request = {
    projectId: jobTenant.projectId,
    name,
    image: 'docker.io/library/busybox:1.36',
    command: ['sh', '-c', 'true'],
    gpu: { modelIn: [GPU_MODEL], count: 1 },
    maxRuntime: 'PT10M',
    annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '10ms' }],
  };
  type Submitted = { submitJob: { job: { id: string } } };
  return (await mutate<Submitted>(jobTenant.researcher, 'SubmitJob', { request })).submitJob.job.id;
}

/** Places of all that happened to the project's jobs, in order. */
async function jobPositions(): Promise<bigint[]> {
  const events = await fleet.fleet.core.scheduling.spine.store.readContext(START, 100_000);
  return events
    .filter(({ type, projectId }) => type.startsWith('Job') && projectId === jobTenant.projectId)
    .map(({ position }) => position);
}

const hasEnded = async (id: string) =>
  (await fleet.fleet.core.database.prisma.job.findUniqueOrThrow({ where: { id } })).endedAt !== null;

/** One job after another: some run to their end, some are cancelled on their way there. */
async function keepSubmitting(name: string, isEnough: () => boolean, below: (limit: number) => number) {
  while (!isEnough()) {
    const id = await submitJob(name);
    if (below(2) === 0)
      await jobTenant.researcher.run('CancelJob', { input: { id, idempotencyKey: `${id} cancelled` } });
    await until(`${id} has ended`, () => hasEnded(id), 60_000);
  }
}

test(`the feed of a project's jobs that is cut ${CUTS} times delivers every event once and in order`, async () => {
  const randoms = randomsOf();
  const feeds = createCutFeeds({ url: fleet.url, token, randoms });
  const first = await submitJob('first');
  let after = '';
  type Item = { jobStatus: { cursor: string } };
  for await (const answer of jobTenant.researcher.subscribe<Item>('JobStatus', { id: first })) {
    after = dataOf(answer).jobStatus.cursor;
    break;
  }
  let ended = false;
  const isOver = async (newest: bigint | undefined) => ended && newest === (await jobPositions()).at(-1);
  const feed = { name: 'JobEvents', field: 'jobEvents', context: 'scheduling', after, isOver };
  const watching = Array.from({ length: JOB_WATCHERS }, () =>
    feeds.watch({ ...feed, variables: { projectId: jobTenant.projectId } }),
  );
  const isEnough = () => feeds.cuts() >= CUTS;
  const submitting = Array.from({ length: SUBMITTERS }, (_, index) =>
    keepSubmitting(`load ${index}`, isEnough, randoms.below),
  );
  // A feed or a command that fails ends the test at once.
  await Promise.race([Promise.all(submitting), Promise.all(watching)]);
  await Promise.all(submitting);
  await until('the first has ended', () => hasEnded(first), 60_000);
  ended = true;
  feeds.cutAll();

  const expected = (await jobPositions()).filter((position) => position > decodeCursor('scheduling', after));
  expect(expected.length).toBeGreaterThan(20);
  for (const seen of await Promise.all(watching))
    expect({ seed: randoms.seed, seen }).toEqual({ seed: randoms.seed, seen: expected });
}, 300_000);
