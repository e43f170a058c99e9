import { expect, test } from 'vitest';
import { createCache } from './cache.js';
import { ClusterError } from './clusterError.js';
import { services } from './kinds.js';
import type { Cluster, ObjectList, WatchEvent } from './cluster.port.js';
import type { Service } from './kinds.js';

const gone = new ClusterError(410, 'Expired', 'too old resource version');
const down = new ClusterError(0, 'Unreachable', 'no answer');
const soon = { timeout: 2_000, interval: 5 };

const service = (name: string, version: number): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'vision', uid: name, resourceVersion: String(version) },
});

/** A cluster whose lists and watches the test answers by hand. */
function scriptedCluster() {
  const lists: (ObjectList<Service> | ClusterError)[] = [];
  const watches: {
    version: string;
    signal: AbortSignal;
    push: (event: WatchEvent<Service> | ClusterError) => void;
  }[] = [];
  let listed = 0;
  const cluster = {
    async list() {
      const answer = lists[Math.min(listed, lists.length - 1)];
      listed += 1;
      if (!answer || answer instanceof ClusterError) throw answer ?? down;
      return answer;
    },
    async *watch(_kind: unknown, _selection: unknown, from: { version: string; signal: AbortSignal }) {
      const pending: (WatchEvent<Service> | ClusterError)[] = [];
      let wake = () => {};
      from.signal.addEventListener('abort', () => wake());
      watches.push({
        ...from,
        push(event) {
          pending.push(event);
          wake();
        },
      });
      for (;;) {
        const event = pending.shift();
        if (event instanceof ClusterError) throw event;
        if (event) yield event;
        else if (from.signal.aborted) throw down;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  } as unknown as Pick<Cluster, 'list' | 'watch'>;
  return { cluster, lists, watches, listCount: () => listed };
}

const list = (version: number, ...items: Service[]) => ({ items, resourceVersion: String(version) });

test('a cluster that cannot be listed leaves the copy unknown, never empty', async () => {
  const { cluster, lists } = scriptedCluster();
  lists.push(down, down, list(7, service('web', 5)));
  const errors: unknown[] = [];
  await using cache = createCache(cluster, services, {}, { onError: (error) => errors.push(error) });
  const seen: (number | undefined)[] = [];
  cache.onChange(() => seen.push(cache.snapshot()?.objects.size));
  expect(cache.snapshot()).toBeNull();
  expect((await cache.known(AbortSignal.timeout(2_000))).version).toBe('7');
  expect(errors).toEqual([down, down]);
  expect(seen.every((size) => size === 1)).toBe(true);
});

test('a watch that breaks leads to a new list, and meanwhile the last copy stands', async () => {
  const { cluster, lists, watches } = scriptedCluster();
  lists.push(list(1, service('a', 1)), down, list(9, service('a', 1), service('b', 9)));
  await using cache = createCache(cluster, services);
  await cache.known(AbortSignal.timeout(2_000));
  await expect.poll(() => watches.length, soon).toBe(1);
  watches[0]?.push(down);
  expect(cache.snapshot()?.objects.size).toBe(1);
  await expect.poll(() => cache.snapshot()?.objects.size, soon).toBe(2);
  await expect.poll(() => watches[1]?.version, soon).toBe('9');
});

test('history that is gone leads to a new list, and is no fault', async () => {
  const { cluster, lists, watches } = scriptedCluster();
  lists.push(list(1, service('a', 1)), list(9, service('b', 9)));
  const errors: unknown[] = [];
  await using cache = createCache(cluster, services, {}, { onError: (error) => errors.push(error) });
  await expect.poll(() => watches.length, soon).toBe(1);
  watches[0]?.push(gone);
  await expect.poll(() => [...(cache.snapshot()?.objects.keys() ?? [])], soon).toEqual(['vision/b']);
  expect(errors).toEqual([]);
});

test('a silent watch that kept something back is replaced', async () => {
  const { cluster, lists, watches } = scriptedCluster();
  lists.push(list(1), list(9, service('late', 9)));
  await using cache = createCache(cluster, services, {}, { silenceMs: 20 });
  await expect.poll(() => [...(cache.snapshot()?.objects.keys() ?? [])], soon).toEqual(['vision/late']);
  await expect.poll(() => watches.length, soon).toBeGreaterThan(1);
  expect(watches[0]?.signal.aborted).toBe(true);
});

test('a silent watch on a quiet cluster is kept', async () => {
  const { cluster, lists, watches, listCount } = scriptedCluster();
  lists.push(list(1, service('a', 1)));
  await using cache = createCache(cluster, services, {}, { silenceMs: 10 });
  await expect.poll(listCount, soon).toBeGreaterThan(4);
  expect(watches).toHaveLength(1);
  expect(cache.snapshot()?.objects.size).toBe(1);
});

test('after our own write the copy is unknown until it contains that write', async () => {
  const { cluster, lists, watches } = scriptedCluster();
  lists.push(list(1));
  await using cache = createCache(cluster, services);
  await expect.poll(() => watches.length, soon).toBe(1);
  cache.wrote(service('mine', 5));
  expect(cache.snapshot()).toBeNull();
  watches[0]?.push({ type: 'ADDED', version: '4', object: service('other', 4) });
  await expect.poll(() => watches.length, soon).toBe(1);
  expect(cache.snapshot()).toBeNull();
  watches[0]?.push({ type: 'BOOKMARK', version: '6' });
  const known = await cache.known(AbortSignal.timeout(2_000));
  expect([...known.objects.keys()]).toEqual(['vision/other']);
});

test('a snapshot that somebody holds does not change', async () => {
  const { cluster, lists, watches } = scriptedCluster();
  lists.push(list(1, service('a', 1)));
  await using cache = createCache(cluster, services);
  const held = await cache.known(AbortSignal.timeout(2_000));
  await expect.poll(() => watches.length, soon).toBe(1);
  watches[0]?.push({ type: 'DELETED', version: '2', object: service('a', 2) });
  await expect.poll(() => cache.snapshot()?.objects.size, soon).toBe(0);
  expect(held.objects.size).toBe(1);
});

test('readers are called again and again without a change, so that they put drift right', async () => {
  const { cluster, lists } = scriptedCluster();
  lists.push(list(1));
  let calls = 0;
  await using cache = createCache(cluster, services, {}, { resyncMs: 10 });
  cache.onChange(() => (calls += 1));
  await expect.poll(() => calls, soon).toBeGreaterThan(3);
});
