import { expect, test } from 'vitest';
import { ClusterError } from './clusterError.js';
import { electLeader } from './leader.js';
import type { Cluster, Intent } from './cluster.port.js';
import type { Lease } from './kinds.js';

const soon = { timeout: 2_000, interval: 5 };
const election = { namespace: 'fleet', name: 'reconciler', leaseMs: 100, renewMs: 20 };

/** One lease in memory, which can be cut off from everybody. */
function leaseStore() {
  let lease: Lease | null = null;
  let version = 0;
  let isCutOff = false;
  const stored = (object: Intent<Lease>): Lease => {
    version += 1;
    const metadata = { ...object.metadata, uid: 'u', resourceVersion: String(version) };
    lease = { ...object, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
    return lease;
  };
  const reach = () => {
    if (isCutOff) throw new ClusterError(0, 'Unreachable', 'no answer');
  };
  const cluster = {
    async get() {
      reach();
      return lease;
    },
    async create(_kind: unknown, object: Intent<Lease>) {
      reach();
      return stored(object);
    },
    async replace(_kind: unknown, object: Lease) {
      reach();
      if (object.metadata.resourceVersion !== String(version))
        throw new ClusterError(409, 'Conflict', 'modified');
      return stored(object);
    },
  } as unknown as Pick<Cluster, 'get' | 'create' | 'replace'>;
  return { cluster, cutOff: (value: boolean) => (isCutOff = value), lease: () => lease };
}

test('a leader that cannot renew stops leading before anybody else may start', async () => {
  const { cluster, cutOff } = leaseStore();
  const errors: unknown[] = [];
  await using leader = electLeader(cluster, {
    ...election,
    identity: 'a',
    onError: (error) => errors.push(error),
  });
  await expect.poll(() => leader.isLeader(), soon).toBe(true);
  const changes: boolean[] = [];
  leader.onChange(() => changes.push(leader.isLeader()));
  cutOff(true);
  await expect.poll(() => changes, soon).toEqual([false]);
  expect(leader.token()).toBeNull();
  expect(errors.length).toBeGreaterThan(0);
});

test('a term that was interrupted comes back under a new token', async () => {
  const { cluster, cutOff } = leaseStore();
  await using leader = electLeader(cluster, { ...election, identity: 'a' });
  await expect.poll(() => leader.isLeader(), soon).toBe(true);
  const first = leader.token() ?? NaN;
  cutOff(true);
  await expect.poll(() => leader.isLeader(), soon).toBe(false);
  cutOff(false);
  await expect.poll(() => leader.token(), soon).toBe(first + 1);
});

test('of ten candidates never two lead at a time', async () => {
  const { cluster } = leaseStore();
  const candidates = Array.from({ length: 10 }, (_, index) =>
    electLeader(cluster, { ...election, identity: `c${index}` }),
  );
  const tokens: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await expect.poll(() => candidates.filter((each) => each.isLeader()).length, soon).toBe(1);
    const leader = candidates.find((each) => each.isLeader());
    tokens.push(leader?.token() ?? 0);
    await leader?.[Symbol.asyncDispose]();
    candidates.splice(
      candidates.findIndex((each) => each === leader),
      1,
    );
  }
  await Promise.all(candidates.map((each) => each[Symbol.asyncDispose]()));
  expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
  expect(new Set(tokens).size).toBe(5);
});
