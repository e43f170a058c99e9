import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../../embedded/cluster/cluster.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  CLUSTER,
  people,
  requested,
  requestInstance,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';
import { reserve, stateOf } from '../workload/workload.fixture.js';
import { watchConnectivity } from './connectivity.js';

const QUICK = { everyMs: 20, awayAfterMs: 100 };
const ONE = `query ($id: ID!) { cluster(id: $id) { connectivity connectivityReason } }`;

const clusterAs = async (harness: ResourcesHarness) =>
  dataOf<{ cluster: { connectivity: string; connectivityReason: string | null } }>(
    await harness.as(people.operator)(ONE, { id: CLUSTER }),
  ).cluster;

const isIn = (harness: ResourcesHarness, connectivity: string) =>
  until(`it is ${connectivity}`, async () => (await clusterAs(harness)).connectivity === connectivity);

/** A cluster that can be taken away and brought back, and what watches it for the harness. */
async function startWatched({ app }: ResourcesHarness, leader: Pick<Leader, 'token'> = { token: () => 1 }) {
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-connectivity-'));
  const options = { dataFile: join(folder, 'cluster.jsonl'), secret: 'secret' };
  let embedded = await createEmbeddedCluster(options);
  const port = Number(new URL(embedded.url).port);
  const cluster = connectCluster({ kubeconfig: embedded.kubeconfig, fieldManager: 'fleetgraph' });
  const errors: unknown[] = [];
  const { recordCluster: record } = app.nodes;
  const onError = (error: unknown) => errors.push(error);
  const connectivity = watchConnectivity({ cluster, leader, record, onError, ...QUICK });
  await until('it answers', () => connectivity.state() === 'ANSWERS');
  return {
    connectivity,
    takeAway: () => embedded.close(),
    async bringBack() {
      embedded = await createEmbeddedCluster({ ...options, port });
    },
    async [Symbol.asyncDispose]() {
      await connectivity[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
      await embedded.close().catch(() => undefined);
      await rm(folder, { recursive: true });
      expect(errors).toEqual([]);
    },
  };
}

test('while its cluster does not answer nothing new is placed on it; when it answers again, it is', async () => {
  await using harness = await startResources();
  await using watched = await startWatched(harness);
  const researcher = harness.as(people.researcher);
  await requested(researcher);

  await watched.takeAway();
  await isIn(harness, 'OFFLINE');
  expect(watched.connectivity.state()).toBe('AWAY');
  expect((await clusterAs(harness)).connectivityReason).toEqual(expect.any(String));
  expect(refusalOf(await requestInstance(researcher))).toMatchObject({ code: 'CAPACITY_EXHAUSTED' });
  const refused = await reserve(harness);
  expect((await stateOf(harness, refused))?.refusal).toMatchObject({ code: 'CAPACITY_EXHAUSTED' });

  await watched.bringBack();
  await isIn(harness, 'ONLINE');
  await requested(researcher);
  const admitted = await reserve(harness);
  expect((await stateOf(harness, admitted))?.phase).toBe('ADMITTED');
});

test('whoever did not lead says nothing of a cluster that only it may not reach', async () => {
  await using harness = await startResources();
  await using watched = await startWatched(harness, { token: () => null });
  await watched.takeAway();
  await until('it is away', () => watched.connectivity.state() === 'AWAY');
  await watched.bringBack();
  await until('it is back', () => watched.connectivity.state() === 'ANSWERS');
  const changes = await harness.app.spine.store.readStream(CLUSTER);
  expect(changes.filter(({ type }) => type === 'ClusterConnectivityChanged')).toHaveLength(1);
});
