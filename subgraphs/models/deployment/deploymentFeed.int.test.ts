import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, person } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  created,
  deployed,
  deploymentOf,
  mutate,
  registered,
  researcherOf,
  startModels,
  tell,
} from '../models.fixture.js';
import { deploymentAggregate } from './deployment.projection.js';
import { DEADLINE_TIMER } from './watchdog.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

const STATUS = `subscription ($id: ID!, $after: Cursor) { deploymentStatus(id: $id, after: $after) {
  cursor type deployment { id status replicas { ready } traffic { version { number } weightBp } } } }`;

type Item = { cursor: string; type: string; deployment: { status: string } };

function open(who: Principal, variables: Record<string, unknown>) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal: who, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const answers = harness.app.subgraph.subscribe({ document: STATUS, variables }, call);
  return {
    raw: answers,
    /** The next items, in order. */
    async take(count: number): Promise<Item[]> {
      const items: Item[] = [];
      while (items.length < count) {
        const { value, done } = await answers.next();
        if (done) throw new Error('The feed ended');
        if (value.errors) throw new Error(JSON.stringify(value.errors));
        items.push(value.data?.['deploymentStatus'] as Item);
      }
      return items;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

async function arrange() {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  const versionId = await created(harness, me, await registered(harness, me, projectId));
  return { me, id: await deployed(harness, me, deploymentOf(projectId, versionId)) };
}

test('a feed begins with how a deployment stands, tells every change, and goes on behind any of its items', async () => {
  const { me, id } = await arrange();
  await using feed = open(me, { id });
  const [snapshot] = await feed.take(1);
  expect(snapshot).toMatchObject({
    type: 'SNAPSHOT',
    deployment: { status: 'ALLOCATING', traffic: [{ version: { number: 1 }, weightBp: 10_000 }] },
  });
  await tell(harness, id, 'WorkloadAdmitted', { allocationIds: ['allocation_1'] });
  await tell(harness, id, 'WorkloadReplicasChanged', { desired: 1, ready: 1 });
  const items = await feed.take(3);
  dataOf(await mutate(harness, me, { name: 'deleteDeployment', input: { id }, select: 'eventId' }));
  await tell(harness, id, 'WorkloadCleared', {});
  items.push(...(await feed.take(2)));
  expect(items.map(({ type, deployment }) => `${type} ${deployment.status}`)).toEqual([
    'DeploymentAdmitted PROVISIONING',
    'DeploymentReplicasChanged PROVISIONING',
    'DeploymentAvailable AVAILABLE',
    'DeploymentDeletionRequested DELETING',
    'DeploymentDeleted DELETED',
  ]);
  for (const [place, { cursor }] of items.slice(0, -1).entries()) {
    await using resumed = open(me, { id, after: cursor });
    const rest = items.slice(place + 1);
    expect(await resumed.take(rest.length)).toEqual(rest);
  }
});

test('who may not see a deployment is told that there is none, and a strange cursor is refused', async () => {
  const { me, id } = await arrange();
  const refusal = async (who: Principal, variables: Record<string, unknown>) => {
    await using feed = open(who, variables);
    const { value } = await feed.raw.next();
    return (value as { errors?: { extensions?: Record<string, unknown> }[] }).errors?.[0]?.extensions;
  };
  const notFound = { code: 'NOT_FOUND', details: { kind: 'Deployment' } };
  expect(await refusal(person(['project:read']), { id })).toMatchObject(notFound);
  expect(await refusal(me, { id: 'deployment_none' })).toMatchObject(notFound);
  expect(await refusal(me, { id, after: 'bm9uZQ' })).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a deployment that does not come up in time has failed', async () => {
  const { id } = await arrange();
  const { store } = harness.app.spine;
  const long = new Date(Date.now() - 3_600_000);
  await harness.database.prisma.$transaction(async (tx) => {
    // Only an administrator of the database can: the runtime role may not change events.
    await tx.$executeRaw`SET LOCAL ROLE NONE`;
    await tx.$executeRaw`
      UPDATE eventlog.event SET data = jsonb_set(data, '{deadline}', to_jsonb(${long.toISOString()}::text))
      WHERE context = 'models' AND stream_id = ${id} AND version = 2`;
  });
  await harness.database.prisma.timer.updateMany({
    where: { name: DEADLINE_TIMER, key: id },
    data: { dueAt: long },
  });
  await until('it has failed', async () => {
    const { state } = await store.load(deploymentAggregate, id);
    return state?.status === 'FAILED';
  });
  expect((await store.load(deploymentAggregate, id)).state).toMatchObject({
    endReason: 'PROVISIONING_TIMEOUT',
    message: expect.stringMatching(/^ALLOCATING did not end by /),
  });
  const types = (await store.readStream(id)).map(({ type }) => type);
  expect(types.slice(-2)).toEqual(['DeploymentDeadlineMissed', 'DeploymentFailed']);
  await until(
    'the timer is gone',
    async () => (await harness.database.prisma.timer.count({ where: { key: id } })) === 0,
  );
});
