import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCache } from '../../../platform/kubernetes/cache.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import { leases, services } from '../../../platform/kubernetes/kinds.js';
import { electLeader } from '../../../platform/kubernetes/leader.js';
import type { Connect } from './api.suite.js';
import { createWorld, patience } from './clusterWorld.js';
import { startStallingProxy } from './stallingProxy.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';

/** Caches and elections, over the API as it is. */
export function clientSuite(connect: Connect): void {
  test('a cache follows the cluster, and is unknown until it contains our last write', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    await using cache = createCache(cluster, services, { namespace });
    expect((await cache.known(AbortSignal.timeout(10_000))).objects.size).toBe(0);
    const web = {
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    cache.wrote(await cluster.apply(services, web));
    const { objects } = await cache.known(AbortSignal.timeout(10_000));
    expect([...objects.keys()]).toEqual([`${namespace}/web`]);
    await cluster.delete(services, { namespace, name: 'web' });
    await expect.poll(() => cache.snapshot()?.objects.size, patience).toBe(0);
  });

  test('a cache goes on after a restart of the API, and misses nothing', async () => {
    const { cluster, restart } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    const intent = (name: string) => ({
      metadata: { name, namespace },
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    });
    await cluster.apply(services, intent('before'));
    await using cache = createCache(cluster, services, { namespace });
    const seen: number[] = [];
    cache.onChange(() => seen.push(cache.snapshot()?.objects.size ?? -1));
    await cache.known(AbortSignal.timeout(10_000));
    await restart();
    await cluster.apply(services, intent('after'));
    await expect
      .poll(() => [...(cache.snapshot()?.objects.keys() ?? [])], patience)
      .toContain(`${namespace}/after`);
    expect(cache.snapshot()?.objects.size).toBe(2);
    // It never took the failed lists in between for empty ones.
    expect(Math.min(...seen)).toBe(1);
  });

  test('a cache whose connections died without a word is right again', async () => {
    const { cluster, kubeconfig } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    const intent = (name: string) => ({
      metadata: { name, namespace },
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    });
    const server = /"server":"([^"]*)"/.exec(kubeconfig)?.[1] ?? '';
    await using proxy = await startStallingProxy(new URL(server));
    await using behindProxy = connectCluster({
      kubeconfig: kubeconfig.replace(server, proxy.url),
      fieldManager: 'fleetgraph',
      timeoutMs: 1_000,
    });
    await using cache = createCache(behindProxy, services, { namespace }, { silenceMs: 3_000 });
    const names = () => [...(cache.snapshot()?.objects.values() ?? [])].map(({ metadata }) => metadata.name);
    await cluster.apply(services, intent('first'));
    await expect.poll(names, patience).toEqual(['first']);
    expect(proxy.stall()).toBeGreaterThan(0);
    await cluster.apply(services, intent('second'));
    await expect.poll(names, patience).toEqual(['first', 'second']);
    // The watch works again too, not only the lists in its silence.
    await cluster.apply(services, intent('third'));
    await expect.poll(names, { timeout: 2_000, interval: 5 }).toEqual(['first', 'second', 'third']);
  });

  test('one leads at a time; whoever follows has a greater token, and the old one knows that it is over', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const election = { namespace: world.namespace, name: 'reconciler', leaseMs: 2_000, renewMs: 200 };
    const first = electLeader(cluster, { ...election, identity: randomUUID() });
    await expect.poll(() => first.isLeader(), patience).toBe(true);
    const firstToken = first.token() ?? 0;
    await using second = electLeader(cluster, { ...election, identity: randomUUID() });
    const lease = await cluster.get(leases, { namespace: world.namespace, name: 'reconciler' });
    expect(lease?.spec).toMatchObject({ leaseDurationSeconds: 2, leaseTransitions: firstToken });
    expect(second.isLeader()).toBe(false);
    await first[Symbol.asyncDispose]();
    expect(first.token()).toBeNull();
    await expect.poll(() => second.isLeader(), patience).toBe(true);
    expect(second.token()).toBeGreaterThan(firstToken);
  });

  test('a leader whose lease was taken by another gives up', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = { namespace: world.namespace, name: 'reconciler' };
    await using leader = electLeader(cluster, {
      ...ref,
      leaseMs: 60_000,
      renewMs: 100,
      identity: randomUUID(),
    });
    await expect.poll(() => leader.isLeader(), patience).toBe(true);
    const changes: boolean[] = [];
    leader.onChange(() => changes.push(leader.isLeader()));
    await expect.poll(() => steal(cluster, ref), patience).toBe(true);
    await expect.poll(() => changes, patience).toEqual([false]);
  });
}

/** False when the leader renewed in between. */
async function steal(cluster: Cluster, ref: { namespace: string; name: string }): Promise<boolean> {
  const lease = await cluster.get(leases, ref);
  if (!lease) return false;
  const spec = { ...lease.spec, holderIdentity: 'thief', leaseDurationSeconds: 3600 };
  return cluster.replace(leases, { ...lease, spec }).then(
    () => true,
    () => false,
  );
}
