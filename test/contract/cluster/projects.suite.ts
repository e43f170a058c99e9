import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCache } from '../../../platform/kubernetes/cache.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import {
  type Kind,
  type KubeObject,
  namespaces,
  networkPolicies,
  resourceQuotas,
} from '../../../platform/kubernetes/kinds.js';
import type { DesiredProject } from '../../../subgraphs/resources/kubernetes/desired.js';
import { reconcileProjects } from '../../../subgraphs/resources/kubernetes/project.reconciler.js';
import { createDrift } from '../../../subgraphs/resources/kubernetes/drift.js';
import type { Connect } from './api.suite.js';
import { patience } from './clusterWorld.js';

/** What every project gets in a cluster, and that the cluster takes it. */
export function projectsSuite(connect: Connect): void {
  test('every project gets its namespace, quota and network policy, also those behind one that cannot have them', async () => {
    const { cluster } = connect();
    const [impossible, key] = ['Not-A-Name', `p${randomBytes(4).toString('hex')}`];
    await using world = watch(cluster);
    await expect.poll(world.isComplete, patience).toBe(true);

    const projects = [impossible, key].map((name) => ({ id: `project_${name}`, key: name, gpusNominal: 16 }));
    await expect(world.reconcile(projects)).rejects.toThrow(impossible);

    expect(await cluster.get(namespaces, { name: key })).toMatchObject({
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const ref = { namespace: key, name: 'fleetgraph' };
    expect(await cluster.get(resourceQuotas, ref)).toMatchObject({
      spec: { hard: { 'requests.nvidia.com/gpu': '16' } },
    });
    expect(await cluster.get(networkPolicies, ref)).toMatchObject({
      spec: { policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] },
    });
    await cluster.delete(namespaces, { name: key });
  });
}

function watch(cluster: Cluster) {
  const errors: unknown[] = [];
  const mirror = <T extends KubeObject>(kind: Kind<T>) => ({
    cluster,
    kind,
    cache: createCache(cluster, kind, {}, { onError: (error) => errors.push(error) }),
    drift: createDrift(async () => undefined),
  });
  const mirrors = {
    namespaces: mirror(namespaces),
    resourceQuotas: mirror(resourceQuotas),
    networkPolicies: mirror(networkPolicies),
  };
  return {
    isComplete: () => Object.values(mirrors).every(({ cache }) => cache.snapshot() !== null),
    reconcile: (projects: readonly DesiredProject[]) =>
      reconcileProjects(projects, mirrors, { token: 1, isOver: () => false }),
    async [Symbol.asyncDispose]() {
      for (const { cache } of Object.values(mirrors)) await cache[Symbol.asyncDispose]();
      expect(errors).toEqual([]);
    },
  };
}
