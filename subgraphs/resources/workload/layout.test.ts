import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeRoom } from '../../../contracts/gang.js';
import { podCapacityOf } from '../gpu/capacity.repository.js';
import { layGang, layPods } from './layout.js';

const node = (name: string, free: number, clusterId = 'eu-1'): NodeRoom => ({
  nodeId: `${clusterId}/${name}`,
  clusterId,
  present: 8,
  free,
});

test('a gang has one pod on each of its nodes', () => {
  expect(layGang(16, [node('a', 8), node('b', 8)])).toEqual({
    clusterId: 'eu-1',
    shares: [
      { nodeId: 'eu-1/a', pods: 1, gpusPerPod: 8 },
      { nodeId: 'eu-1/b', pods: 1, gpusPerPod: 8 },
    ],
  });
  expect(layGang(16, [node('a', 8), node('b', 7)])).toBeNull();
});

test('replicas go to the fullest node that has room for all, else to as few nodes as possible, or nowhere', () => {
  const nodes = [node('a', 8), node('b', 4), node('c', 3)];
  expect(layPods(2, 2, nodes)?.shares).toEqual([{ nodeId: 'eu-1/b', pods: 2, gpusPerPod: 2 }]);
  expect(layPods(5, 2, nodes)?.shares).toEqual([
    { nodeId: 'eu-1/a', pods: 4, gpusPerPod: 2 },
    { nodeId: 'eu-1/b', pods: 1, gpusPerPod: 2 },
  ]);
  expect(layPods(8, 2, nodes)).toBeNull();
  expect(layPods(2, 8, [node('a', 8), node('b', 8, 'us-1')])).toBeNull();
});

test('replicas get what they asked for of free devices, and only where a plan says that they fit do they fit', () => {
  const rooms = fc.array(fc.nat(8), { maxLength: 5 });
  fc.assert(
    fc.property(rooms, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (free, pods, each) => {
      const nodes = free.map((devices, index) => node(String(index), devices));
      const facts = nodes.map((room) => ({ ...room, gpuModelId: 'm' }));
      const laid = layPods(pods, each, nodes);
      expect(laid !== null).toBe(podCapacityOf('m', facts, each).largestNow >= pods * each);
      if (!laid) return;
      expect(laid.shares.reduce((sum, share) => sum + share.pods, 0)).toBe(pods);
      for (const share of laid.shares) {
        const room = nodes.find(({ nodeId }) => nodeId === share.nodeId)?.free ?? 0;
        expect(share.pods * share.gpusPerPod).toBeLessThanOrEqual(room);
        expect(share.gpusPerPod).toBe(each);
      }
    }),
  );
});
