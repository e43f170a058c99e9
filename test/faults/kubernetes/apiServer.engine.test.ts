import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  deployments,
  networkPolicies,
  resourceQuotas,
  services,
  statefulSets,
} from '../../../platform/kubernetes/kinds.js';
import { LABELS, objectName } from '../../../subgraphs/resources/kubernetes/names.js';
import { CLUSTER } from '../../../subgraphs/resources/resources.fixture.js';
import {
  askDeployment,
  deploymentAsk,
  stateOf,
  tellDeployment,
} from '../../../subgraphs/resources/workload/workload.fixture.js';
import { ACCOUNT_USER, rightsOfAccount } from '../../engines/kubernetesAccount.js';
import { randomsOf } from '../../testkit/randoms.js';
import { until } from '../../testkit/until.js';
import { contradictions } from './clusterOracle.js';
import { type FaultProxy, startFaultProxy } from './faultProxy.js';
import {
  cancelJob,
  commandInstance,
  type FaultWorld,
  fleetIsKnown,
  instanceIs,
  jobIs,
  PATIENCE_MS,
  type Replica,
  startFaultWorld,
  startInstance,
  submitJob,
} from './faultWorld.js';

/** How long it may take from the end of a fault until all is as it should be. */
const CONVERGED_MS = 10_000;
/** So many refused requests are a storm. */
const STORM = 40;

type Scene = { readonly proxy: FaultProxy; readonly world: FaultWorld };
/** Begins something, and says how it ends. */
type Fault = (scene: Scene) => Promise<() => Promise<void>>;

const storm = (proxy: FaultProxy) => {
  const before = proxy.refused;
  return async () => {
    await until('it stormed', () => proxy.refused - before >= STORM, PATIENCE_MS);
    proxy.meddle(null);
  };
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'An API server that is killed': async ({ world: { engine } }) => {
    await engine.stopApiServer('SIGKILL');
    return () => engine.startApiServer();
  },
  'An API server that is restarted': async ({ world: { engine } }) => {
    // It waits for its watchers; a cluster that is away for longer than 15 s takes nothing new.
    const stopped = engine.stopApiServer('SIGTERM');
    return async () => {
      await stopped;
      await engine.startApiServer();
    };
  },
  'A history that is gone (410)': async ({ proxy }) => {
    proxy.meddle(({ isWatch }) => (isWatch ? { status: 410, reason: 'Expired' } : null));
    proxy.cutWatches();
    return storm(proxy);
  },
  'A storm of conflicts (409)': async ({ proxy }) => {
    let writes = 0;
    proxy.meddle(({ method }) =>
      method !== 'GET' && writes++ % 2 === 0 ? { status: 409, reason: 'Conflict' } : null,
    );
    return storm(proxy);
  },
  'A storm of refusals (429)': async ({ proxy }) => {
    proxy.meddle(() => ({ status: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 }));
    return storm(proxy);
  },
  'A half-open connection of every watch': async ({ proxy }) => {
    expect(proxy.stallWatches()).toBeGreaterThan(5);
    return async () => undefined;
  },
};

/** Of the faults every run goes through one, unless it is told to go through all. */
const { seed, below } = randomsOf();
const drawn =
  process.env.FAULTS === 'all'
    ? Object.keys(FAULTS)
    : Object.keys(FAULTS)
        .slice(below(Object.keys(FAULTS).length))
        .slice(0, 1);

let world: FaultWorld;
let proxy: FaultProxy;
let replicas: Replica[];
let deployment: string;
let instance: string;
beforeAll(async () => {
  world = await startFaultWorld();
  proxy = await startFaultProxy(world.account);
  replicas = [await world.startReplica(proxy.kubeconfig), await world.startReplica(proxy.kubeconfig)];
  await fleetIsKnown(world);
  const { spec } = deploymentAsk();
  deployment = await askDeployment(world, { spec: { ...spec, replicas: { min: 2, max: 2 } } });
  instance = await startInstance(world);
  await until(
    'it serves',
    async () => (await stateOf(world, deployment))?.replicas?.ready === 2,
    PATIENCE_MS,
  );
});
afterAll(async () => {
  for (const replica of replicas) await replica[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const converged = async () => {
  let left: string[] = [];
  const isConverged = async () => (left = await contradictions(world)).length === 0;
  await until('all is as it should be', isConverged, CONVERGED_MS).catch((error: unknown) =>
    expect.soft(left, String(error)).toEqual([]),
  );
};

/** What was put right since the time, in order. */
const restoredSince = async (eventCount: number) =>
  (await world.app.spine.store.readStream(CLUSTER))
    .slice(eventCount)
    .flatMap(({ type, data }) => (type === 'ClusterObjectRestored' ? [data as Record<string, unknown>] : []));
const eventCount = async () => (await world.app.spine.store.readStream(CLUSTER)).length;

test.each(['No fault', ...drawn])(
  `%s: what changes meanwhile is done within 10 s of its end, and once (TEST_SEED=${seed})`,
  async (name) => {
    const before = await eventCount();
    const former = await submitJob(world);
    await jobIs(world, former, 'RUNNING');
    const end = await FAULTS[name]?.({ proxy, world });
    await cancelJob(world, former);
    const job = await submitJob(world);
    await end?.();
    const endedAtMs = performance.now();
    await jobIs(world, job, 'RUNNING');
    await jobIs(world, former, 'CLEARED');
    await converged();
    expect(performance.now() - endedAtMs).toBeLessThan(CONVERGED_MS);
    // Nobody else changed anything.
    expect(await restoredSince(before)).toEqual([]);
    await cancelJob(world, job);
    await jobIs(world, job, 'CLEARED');
  },
);

test('what somebody changes or deletes behind our back is put right within 10 s, and told', async () => {
  const { cluster } = world;
  await converged();
  const before = await eventCount();
  const labelSelector = `${LABELS.deployment}=${deployment}`;
  const [service] = (await cluster.list(services, { labelSelector })).items;
  const [served] = (await cluster.list(deployments, { labelSelector })).items;
  const set = await cluster.get(statefulSets, { namespace: 'vision', name: objectName(instance) });
  const quota = await cluster.get(resourceQuotas, { namespace: 'vision', name: 'fleetgraph' });
  if (!service || !served?.spec || !set?.spec || !quota) throw new Error('Something is not there');

  await cluster.delete(services, { namespace: 'vision', name: service.metadata.name });
  await cluster.delete(networkPolicies, { namespace: 'vision', name: 'fleetgraph' });
  await cluster.delete(statefulSets, { namespace: 'vision', name: set.metadata.name });
  await cluster.replace(resourceQuotas, { ...quota, spec: { hard: { 'requests.nvidia.com/gpu': '100' } } });
  await cluster.apply(deployments, {
    metadata: { name: served.metadata.name, namespace: 'vision' },
    spec: { ...served.spec, replicas: 5 },
  });

  await converged();
  const restored = async () =>
    (await restoredSince(before))
      .map(({ kind, namespace, name, found }) => [kind, namespace, name, found].join(' '))
      .toSorted((one, other) => one.localeCompare(other));
  const expected = [
    `Deployment vision ${served.metadata.name} CHANGED`,
    'NetworkPolicy vision fleetgraph DELETED',
    'ResourceQuota vision fleetgraph CHANGED',
    `Service vision ${service.metadata.name} DELETED`,
    `StatefulSet vision ${set.metadata.name} DELETED`,
  ];
  await until('all is told', async () => (await restored()).length >= expected.length);
  expect(await restored()).toEqual(expected);
});

test('no right that we ask for was missing, and none was not needed', async () => {
  await jobIs(world, await submitJob(world, '200ms'), 'CLEARED');
  await commandInstance(world, 'terminateInstance', instance);
  await instanceIs(world, instance, 'TERMINATED');
  await tellDeployment(world, deployment, {
    type: 'DeploymentDeletionRequested',
    data: { deadline: '2099-01-01T00:00:00.000Z' },
  });
  await jobIs(world, deployment, 'CLEARED');
  await converged();
  const asked = await world.engine.audit(ACCOUNT_USER);
  const rights = await rightsOfAccount();
  // An API server that has just started refuses everything for a moment.
  const missing = asked.filter(({ right, allowed }) => !allowed && !rights.includes(right));
  expect(missing).toEqual([]);
  const used = new Set(asked.map(({ right }) => right));
  expect(rights.filter((right) => !used.has(right))).toEqual([]);
});
