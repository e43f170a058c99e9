import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { buildWith } from '../../platform/disposables.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { jobs, pods } from '../../platform/kubernetes/kinds.js';
import { mutate, nodes } from '../testkit/answers.js';
import { dataOf, startFleet } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const A100 = 'a100-sxm4-80gb';

/** A fleet, and a client of its cluster that is not Fleetgraph. */
const startWithCluster = () =>
  buildWith(async ({ use }) => {
    const { kubeconfig } = use(await createEmbeddedCluster());
    const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-attempts-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
    const path = join(folder, 'kubeconfig');
    await writeFile(path, kubeconfig);
    const fleet = use(await startFleet({ FLEETGRAPH_KUBECONFIG: path }));
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'somebody-else' }));
    return { fleet, cluster };
  });

type Attempt = {
  number: number;
  startedAt: string | null;
  endedAt: string | null;
  reason: string | null;
  exitCode: number | null;
  allocations: { id: string; gpu: { id: string } }[];
};
type Page = {
  phase: string;
  attempts: Attempt[];
  auditTrail: { edges: { cursor: string; node: { type: string } }[]; pageInfo: never };
};

test('a job whose pod somebody deletes is tried again on devices of its own, and what became of each attempt is kept', async () => {
  await using world = await startWithCluster();
  const { fleet, cluster } = world;
  const { researcher, projectId, key } = await createTenant(fleet, { quotas: { [A100]: 4 } });
  const usable = () => fleet.fleet.core.database.prisma.gpu.count({ where: { usable: true } });
  await until('all devices are known', async () => (await usable()) === 40);

  const request = {
    projectId,
    name: 'train',
    image: 'trainer:1',
    command: ['python', 'train.py'],
    gpu: { modelIn: [A100], count: 2 },
    maxRuntime: 'PT10M',
    annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '600s' }],
  };
  const { submitJob } = await mutate<{ submitJob: { job: { id: string } } }>(researcher, 'SubmitJob', {
    request,
  });
  const { id } = submitJob.job;
  const page = async () => dataOf(await researcher.run<{ job: Page }>('JobPage', { id })).job;
  const attempt = async (number: number) => (await page()).attempts.find((each) => each.number === number);
  const podOf = async (number: number) => {
    const labelSelector = `fleetgraph.dev/job=${id},fleetgraph.dev/attempt=${number}`;
    return (await cluster.list(pods, { namespace: key, labelSelector })).items[0];
  };
  const runs = (number: number) =>
    until(
      `attempt ${number} runs`,
      async () => {
        const { phase, attempts } = await page();
        return phase === 'RUNNING' && attempts.some((each) => each.number === number);
      },
      60_000,
    );

  await runs(1);
  const first = await attempt(1);
  const name = (await podOf(1))?.metadata.name ?? '';
  await cluster.delete(pods, { name, namespace: key });

  await runs(2);
  expect(await attempt(1)).toMatchObject({
    reason: 'PODS_DELETED',
    exitCode: null,
    startedAt: expect.any(String),
    endedAt: expect.any(String),
  });
  const second = await attempt(2);
  expect(second).toMatchObject({ reason: null, endedAt: null });
  const idsOf = (each: Attempt | undefined) => each?.allocations.map((allocation) => allocation.id) ?? [];
  expect(idsOf(second)).toHaveLength(2);
  expect(idsOf(second).filter((allocation) => idsOf(first).includes(allocation))).toEqual([]);
  expect(await podOf(1)).toBeUndefined();

  await mutate(researcher, 'CancelJob', { id });
  await until('it is over', async () => (await page()).phase === 'CANCELLED', 60_000);
  expect(await attempt(2)).toMatchObject({ reason: 'CANCELLED' });
  expect((await cluster.list(jobs, { namespace: key })).items).toEqual([]);
  expect(await podOf(2)).toBeUndefined();
  const { prisma } = fleet.fleet.core.database;
  expect(await prisma.allocation.count({ where: { ownerId: id } })).toBe(4);
  expect(await prisma.allocation.count({ where: { ownerId: id, closedAt: null } })).toBe(0);
  await until('the trail is complete', async () =>
    nodes((await page()).auditTrail).some(({ type }) => type === 'WorkloadCleared'),
  );
}, 180_000);
