import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  jobs,
  type Kind,
  type KubeObject,
  pods,
  resourceQuotas,
  statefulSets,
} from '../../../platform/kubernetes/kinds.js';
import { LABELS, objectName, podName } from '../../../subgraphs/resources/kubernetes/names.js';
import { H100, setQuota } from '../../../subgraphs/resources/resources.fixture.js';
import { workloadId } from '../../../subgraphs/resources/workload/workload.js';
import { until } from '../../testkit/until.js';
import { type FaultProxy, startFaultProxy } from './faultProxy.js';
import {
  commandInstance,
  type FaultWorld,
  fleetIsKnown,
  instanceIs,
  jobIs,
  startFaultWorld,
  startInstance,
  submitJob,
} from './faultWorld.js';

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** A leader whose write reaches the API server only when somebody else leads. */
async function startPausable() {
  const proxy = await startFaultProxy(world.account);
  const replica = await world.startReplica(proxy.kubeconfig);
  await until('it leads', () => replica.leader.isLeader());
  await fleetIsKnown(world);
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.meddle(null);
      await replica[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Holds the next write to such an object, and with it all that the leader sends from then on. */
function pauseAt(proxy: FaultProxy, { plural }: Kind) {
  const before = proxy.writes.length;
  let pause: () => void = () => undefined;
  const paused = new Promise<void>((resolve) => (pause = resolve));
  let isPaused = false;
  let resume: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (resume = resolve));
  proxy.meddle(({ method, path }) => {
    if (method === 'PATCH' && path.includes(`/${plural}/`)) {
      isPaused = true;
      pause();
    }
    return isPaused ? gate : null;
  });
  return {
    paused,
    /** Lets all through that was held. Says what the API server answered to the write. */
    async resume(): Promise<number> {
      proxy.meddle(null);
      resume();
      const late = () =>
        proxy.writes
          .slice(before)
          .find(({ method, path }) => method === 'PATCH' && path.includes(`/${plural}/`));
      await until('the late write is answered', () => late() !== undefined);
      return late()?.status ?? 0;
    },
  };
}

async function startSuccessor() {
  const replica = await world.startReplica(world.account);
  await until('it leads', () => replica.leader.isLeader());
  return replica;
}

const generationOf = (object: KubeObject | null) => object?.metadata.generation;

test('a leader that was paused cannot stop what its successor has started again', async () => {
  await using former = await startPausable();
  const id = await startInstance(world);
  const pause = pauseAt(former.proxy, statefulSets);
  await commandInstance(world, 'stopInstance', id);
  await pause.paused;

  await using _successor = await startSuccessor();
  await instanceIs(world, id, 'STOPPED');
  await commandInstance(world, 'startInstance', id);
  await instanceIs(world, id, 'RUNNING');
  const setRef = { namespace: 'vision', name: objectName(id) };
  const podRef = { namespace: 'vision', name: podName(id) };
  const [set, pod] = [await world.cluster.get(statefulSets, setRef), await world.cluster.get(pods, podRef)];

  expect(await pause.resume()).toBe(409);
  expect(generationOf(await world.cluster.get(statefulSets, setRef))).toBe(generationOf(set));
  expect((await world.cluster.get(pods, podRef))?.metadata.uid).toBe(pod?.metadata.uid);
  await commandInstance(world, 'terminateInstance', id);
  await instanceIs(world, id, 'TERMINATED');
});

test('a leader that was paused cannot take back what its successor found as it should be', async () => {
  await using former = await startPausable();
  const pause = pauseAt(former.proxy, resourceQuotas);
  await setQuota(world, 'vision', H100, 8);
  await pause.paused;
  await setQuota(world, 'vision', H100, 16);

  await using successor = await startSuccessor();
  const ref = { namespace: 'vision', name: 'fleetgraph' };
  await until('its successor has been there', async () => {
    const quota = await world.cluster.get(resourceQuotas, ref);
    return quota?.metadata.annotations?.['fleetgraph.dev/term'] === String(successor.leader.token());
  });
  expect(await pause.resume()).toBe(409);
  expect((await world.cluster.get(resourceQuotas, ref))?.spec?.hard).toEqual({
    'requests.nvidia.com/gpu': '16',
  });
});

test('a leader that was paused cannot run a job again that its successor has run to its end', async () => {
  await using former = await startPausable();
  const pause = pauseAt(former.proxy, jobs);
  const job = await submitJob(world, '200ms');
  await pause.paused;

  await using _successor = await startSuccessor();
  await jobIs(world, job, 'CLEARED');
  await using late = await watchPods(workloadId({ id: job }, 1));
  expect(await pause.resume()).toBe(201);
  await until('its Job is gone', async () => {
    const { items } = await world.cluster.list(jobs, { namespace: 'vision' });
    return !items.some(({ metadata }) => metadata.labels?.[LABELS.job] === job);
  });
  expect(late.names).toEqual([]);
});

/** The names of all pods of a workload that come to be from now on. */
async function watchPods(workload: string) {
  const selection = { namespace: 'vision', labelSelector: `${LABELS.workload}=${workload}` };
  const stop = new AbortController();
  const names: string[] = [];
  const { resourceVersion: version } = await world.cluster.list(pods, selection);
  const watching = (async () => {
    for await (const event of world.cluster.watch(pods, selection, { version, signal: stop.signal }))
      if (event.type === 'ADDED') names.push(event.object.metadata.name);
  })().catch(() => undefined);
  return {
    names,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
