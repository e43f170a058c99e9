import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoNodes, toNode } from '../../dist/embedded/cluster/demoNodes.js';
import { buildWith } from '../../dist/platform/disposables.js';
import { connectCluster } from '../../dist/platform/kubernetes/cluster.client.js';
import { nodes } from '../../dist/platform/kubernetes/kinds.js';
import { startKubernetes } from '../../dist/test/engines/kubernetes.js';
import { startPostgres } from '../../dist/test/engines/postgres.js';
import { mutate } from '../../dist/test/testkit/answers.js';
import { dataOf, startFleet } from '../../dist/test/testkit/fleet.js';
import { until } from '../../dist/test/testkit/until.js';

export const NODES = 125;
export const H100 = 'h100-sxm5-80gb';
const GPUS = NODES * 8;
const PATIENCE_MS = 120_000;

/** Fleetgraph on PostgreSQL and a real control plane with 125 simulated machines of 8 GPUs. */
export const startWorld = () =>
  buildWith(async ({ use }) => {
    const { url } = use(await startPostgres({ max_connections: '200' }));
    process.env.TEST_DATABASE_URL = url;
    const { kubeconfig } = use(await startKubernetes());
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'somebody-else' }));
    const [machine] = demoNodes;
    for (let count = 1; count <= NODES; count++)
      await cluster.create(nodes, toNode({ ...machine, name: `gpu-${count}` }));
    const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-bench-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
    const path = join(folder, 'kubeconfig');
    await writeFile(path, kubeconfig);
    const fleet = use(await startFleet({ FLEETGRAPH_KUBECONFIG: path }));
    const { prisma } = fleet.fleet.core.database;
    const known = () => prisma.gpu.count({ where: { usable: true } });
    await until('every GPU is known', async () => (await known()) === GPUS, PATIENCE_MS);
    return { cluster, kubeconfig, fleet, prisma, app: fleet.fleet.core.resources };
  });

/** Lets the project and those above it have as many GPUs as there are. */
export async function raiseQuotas(fleet, key) {
  const admin = await fleet.as('org-admin');
  const found = await admin.send(
    'query ($key: String!) { projectByKey(key: $key) { id parent { id parent { id } } } }',
    { key },
  );
  const { projectByKey } = dataOf(found);
  for (let project = projectByKey; project; project = project.parent)
    await mutate(admin, 'SetQuota', { projectId: project.id, gpuModelId: H100, nominal: GPUS });
  return projectByKey.id;
}
