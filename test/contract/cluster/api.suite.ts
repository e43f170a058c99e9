import { CoreV1Api, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import { leases, namespaces, pods, services } from '../../../platform/kubernetes/kinds.js';
import { createWorld, patience, podTemplate } from './clusterWorld.js';
import type { Cluster, WatchEvent } from '../../../platform/kubernetes/cluster.port.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

const refusal = (status: number, reason: string, message: unknown = expect.any(String)) =>
  expect.objectContaining({ name: 'ClusterError', status, reason, message });

/** `stranger` is a kubeconfig with wrong credentials; `restart` restarts the API, which then has no history. */
export type Connect = () => {
  cluster: Cluster;
  kubeconfig: string;
  stranger: string;
  restart: () => Promise<void>;
};

/** Objects, versions, field managers and watches. */
export function apiSuite(connect: Connect): void {
  const service = (namespace: string, name: string, labels = {}) => ({
    metadata: { name, namespace, labels },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });

  test('an object is created once, found, and gone after its deletion', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = { namespace: world.namespace, name: 'web' };
    expect(await cluster.get(services, ref)).toBeNull();
    const created = await cluster.create(services, service(world.namespace, 'web'));
    expect(created).toMatchObject({
      kind: 'Service',
      spec: { type: 'ClusterIP', clusterIP: expect.stringMatching(/^10\.96\./) },
    });
    expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await expect(cluster.create(services, service(world.namespace, 'web'))).rejects.toEqual(
      refusal(409, 'AlreadyExists', 'services "web" already exists'),
    );
    expect(await cluster.get(services, ref)).toEqual(created);
    expect(await cluster.delete(services, ref)).toBe(true);
    expect(await cluster.get(services, ref)).toBeNull();
    expect(await cluster.delete(services, ref)).toBe(false);
  });

  test('an object with a bad name or in no namespace is refused', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await expect(cluster.create(services, service(world.namespace, 'Not_A_Name'))).rejects.toEqual(
      refusal(422, 'Invalid'),
    );
    await expect(cluster.create(services, service('nowhere', 'web'))).rejects.toEqual(
      refusal(404, 'NotFound', 'namespaces "nowhere" not found'),
    );
    const pod = { metadata: { name: 'empty', namespace: world.namespace }, spec: { containers: [] } };
    await expect(cluster.create(pods, pod)).rejects.toEqual(refusal(422, 'Invalid'));
  });

  test('a replacement of an older version is refused', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const first = await cluster.create(services, service(world.namespace, 'web'));
    const labelled = { ...first, metadata: { ...first.metadata, labels: { tier: 'front' } } };
    const second = await cluster.replace(services, labelled);
    expect(BigInt(second.metadata.resourceVersion)).toBeGreaterThan(BigInt(first.metadata.resourceVersion));
    await expect(cluster.replace(services, labelled)).rejects.toEqual(refusal(409, 'Conflict'));
  });

  test('an object is deleted only under the uid that was meant', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = { namespace: world.namespace, name: 'web' };
    const { metadata } = await cluster.create(services, service(world.namespace, 'web'));
    const other = '00000000-0000-4000-8000-000000000000';
    await expect(cluster.delete(services, ref, { uid: other })).rejects.toEqual(refusal(409, 'Conflict'));
    expect(await cluster.delete(services, ref, { uid: metadata.uid })).toBe(true);
  });

  test('applying the same again changes nothing, applying less removes what was applied before', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const first = await cluster.apply(
      services,
      service(world.namespace, 'web', { tier: 'front', team: 'a' }),
    );
    const again = await cluster.apply(
      services,
      service(world.namespace, 'web', { tier: 'front', team: 'a' }),
    );
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const less = await cluster.apply(services, service(world.namespace, 'web', { tier: 'front' }));
    expect(less.metadata.labels).toEqual({ tier: 'front' });
    expect(less.spec?.clusterIP).toBe(first.spec?.clusterIP);
    expect(less.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['fleetgraph', 'Apply'],
    ]);
  });

  test('a field of another manager is taken over only by force, and the others of it stay', async () => {
    const { cluster, kubeconfig } = connect();
    await using world = await createWorld(cluster);
    await using other = connectCluster({ kubeconfig, fieldManager: 'somebody-else' });
    await other.apply(services, service(world.namespace, 'web', { tier: 'front', team: 'a' }));
    const mine = service(world.namespace, 'web', { tier: 'back' });
    await expect(cluster.apply(services, mine, { force: false })).rejects.toEqual(
      refusal(
        409,
        'Conflict',
        expect.stringContaining('conflict with "somebody-else": .metadata.labels.tier'),
      ),
    );
    const taken = await cluster.apply(services, mine);
    expect(taken.metadata.labels).toEqual({ tier: 'back', team: 'a' });
    await expect(
      other.apply(services, service(world.namespace, 'web', { tier: 'front' }), { force: false }),
    ).rejects.toEqual(refusal(409, 'Conflict'));
  });

  test('an apply onto an object as it was seen is refused once that has changed or is gone', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const web = (labels = {}) => service(world.namespace, 'web', labels);
    const first = await cluster.apply(services, web(), { onto: null });
    await expect(cluster.apply(services, web({ late: 'yes' }), { onto: null })).rejects.toEqual(
      refusal(409, 'Conflict'),
    );
    const second = await cluster.apply(services, web({ tier: 'front' }), { onto: first });
    expect(second.metadata).toMatchObject({ uid: first.metadata.uid, labels: { tier: 'front' } });
    await expect(cluster.apply(services, web({ late: 'yes' }), { onto: first })).rejects.toEqual(
      refusal(409, 'Conflict'),
    );
    const ref = { namespace: world.namespace, name: 'web' };
    expect((await cluster.get(services, ref))?.metadata.labels).toEqual({ tier: 'front' });
    await cluster.delete(services, ref);
    await expect(cluster.apply(services, web(), { onto: second })).rejects.toEqual(refusal(409, 'Conflict'));
    expect(await cluster.get(services, ref)).toBeNull();
  });

  test('containers and their variables are merged by name between managers', async () => {
    const { cluster, kubeconfig } = connect();
    await using world = await createWorld(cluster);
    await using other = connectCluster({ kubeconfig, fieldManager: 'somebody-else' });
    const metadata = { name: 'lonely', namespace: world.namespace, labels: {} };
    const { spec } = podTemplate(world, 'lonely', { gpus: 0 });
    const nowhere = { ...spec, nodeSelector: { 'kubernetes.io/hostname': 'nowhere' } };
    await expect
      .poll(
        () =>
          cluster.apply(pods, { metadata, spec: nowhere }).then(
            () => true,
            () => false,
          ),
        patience,
      )
      .toBe(true);
    const labelled = await other.apply(pods, {
      metadata: { ...metadata, labels: { seen: 'yes' } },
      spec: { containers: [{ name: 'main', image: 'registry.example/notebook:1' }] },
    });
    expect(labelled.metadata.labels).toEqual({ seen: 'yes' });
    expect(labelled.spec?.containers).toHaveLength(1);
    expect(labelled.spec?.nodeSelector).toEqual({ 'kubernetes.io/hostname': 'nowhere' });
  });

  test('a list holds what the selectors say, and is complete over its pages', async () => {
    const { cluster, kubeconfig } = connect();
    await using world = await createWorld(cluster);
    for (const name of ['a', 'b', 'c']) {
      await cluster.apply(
        services,
        service(world.namespace, `web-${name}`, { tier: name === 'a' ? 'front' : 'back' }),
      );
    }
    const names = async (selection: object) =>
      (await cluster.list(services, { namespace: world.namespace, ...selection })).items.map(
        ({ metadata }) => metadata.name,
      );
    expect(await names({})).toEqual(['web-a', 'web-b', 'web-c']);
    expect(await names({ labelSelector: 'tier=back' })).toEqual(['web-b', 'web-c']);
    expect(await names({ labelSelector: 'tier in (front,side)' })).toEqual(['web-a']);
    expect(await names({ labelSelector: 'tier!=front,!gone' })).toEqual(['web-b', 'web-c']);
    expect(await names({ fieldSelector: 'metadata.name=web-c' })).toEqual(['web-c']);
    const stock = stockClient(kubeconfig).makeApiClient(CoreV1Api);
    const page = await stock.listNamespacedService({ namespace: world.namespace, limit: 2 });
    await cluster.delete(services, { namespace: world.namespace, name: 'web-c' });
    const rest = await stock.listNamespacedService({
      namespace: world.namespace,
      limit: 2,
      ...(page.metadata?._continue !== undefined && { _continue: page.metadata._continue }),
    });
    expect([...page.items, ...rest.items].map(({ metadata }) => metadata?.name)).toEqual([
      'web-a',
      'web-b',
      'web-c',
    ]);
    await expect(cluster.list(services, { namespace: world.namespace, labelSelector: '=(' })).rejects.toEqual(
      refusal(400, 'BadRequest'),
    );
  });

  test('a watch from the version of a list tells every later change once, in order', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const selection = { namespace: world.namespace, labelSelector: 'tier=front' };
    const { resourceVersion } = await cluster.list(services, selection);
    await cluster.apply(services, service(world.namespace, 'web', { tier: 'front' }));
    await cluster.apply(services, service(world.namespace, 'web', { tier: 'front', team: 'a' }));
    await cluster.apply(services, service(world.namespace, 'other', { tier: 'back' }));
    await cluster.apply(services, service(world.namespace, 'web', { tier: 'back' }));
    await cluster.apply(services, service(world.namespace, 'web', { tier: 'front' }));
    await cluster.delete(services, { namespace: world.namespace, name: 'web' });
    const seen = await take(5, cluster, selection, resourceVersion);
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED', 'DELETED']);
    const versions = seen.map(({ version }) => BigInt(version));
    expect(versions).toEqual([...versions].sort((a, b) => (a < b ? -1 : 1)));
  });

  test('objects survive a restart of the API, and a watch from before it is told that its version is gone', async () => {
    const { cluster, restart } = connect();
    await using world = await createWorld(cluster);
    const created = await cluster.create(services, service(world.namespace, 'web'));
    await restart();
    expect(await cluster.get(services, { namespace: world.namespace, name: 'web' })).toEqual(created);
    await expect(take(1, cluster, {}, '1')).rejects.toEqual(
      refusal(410, 'Expired', expect.stringContaining('too old resource version')),
    );
  });

  test('a namespace goes with all that is in it', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(services, service(world.namespace, 'web'));
    expect(await cluster.delete(namespaces, { name: world.namespace })).toBe(true);
    await expect.poll(() => cluster.get(namespaces, { name: world.namespace }), patience).toBeNull();
    expect((await cluster.list(services, { namespace: world.namespace })).items).toEqual([]);
  });

  test('the stock client discovers the kinds, reads, patches and deletes', async () => {
    const { cluster, kubeconfig } = connect();
    await using world = await createWorld(cluster);
    const api = KubernetesObjectApi.makeApiClient(stockClient(kubeconfig));
    const metadata = { name: 'stock', namespace: world.namespace };
    const lease = {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      metadata,
      spec: { holderIdentity: 'a' },
    };
    await api.create(lease);
    await api.patch({ ...lease, metadata: { ...metadata, labels: { seen: 'yes' } } });
    expect(await api.read(lease)).toMatchObject({
      metadata: { labels: { seen: 'yes' } },
      spec: { holderIdentity: 'a' },
    });
    await api.delete(lease);
    await expect(api.read(lease)).rejects.toMatchObject({ code: 404 });
  });

  test('a request with wrong credentials is refused', async () => {
    await using stranger = connectCluster({ kubeconfig: connect().stranger, fieldManager: 'fleetgraph' });
    await expect(stranger.list(namespaces)).rejects.toEqual(refusal(401, 'Unauthorized'));
  });
}

function stockClient(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
}

async function take(
  count: number,
  cluster: Cluster,
  selection: object,
  version: string,
): Promise<WatchEvent<KubeObject>[]> {
  const stop = new AbortController();
  const seen: WatchEvent<KubeObject>[] = [];
  for await (const event of cluster.watch(services, selection, { version, signal: stop.signal })) {
    if (event.type !== 'BOOKMARK') seen.push(event);
    if (seen.length === count) break;
  }
  stop.abort();
  return seen;
}
