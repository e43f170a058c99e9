import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gangEverFits, largestGang, type NodeRoom, placeGang } from './gang.js';

const node = (nodeId: string, free: number, more: Partial<NodeRoom> = {}): NodeRoom => ({
  nodeId,
  clusterId: 'eu-1',
  present: 8,
  free,
  ...more,
});

test('a job that fits one node gets one, the fullest that has room', () => {
  expect(placeGang(2, [node('a', 8), node('b', 3), node('c', 1)])).toEqual({
    clusterId: 'eu-1',
    nodeIds: ['b'],
    perNode: 2,
  });
  expect(placeGang(8, [node('a', 4), node('b', 4)])).toBeNull();
});

test('a larger job gets equal shares of as few nodes as its size allows, or nothing', () => {
  const nodes = [node('a', 8), node('b', 6), node('c', 8)];
  expect(placeGang(12, nodes)).toEqual({ clusterId: 'eu-1', nodeIds: ['b', 'a'], perNode: 6 });
  expect(placeGang(16, nodes)).toEqual({ clusterId: 'eu-1', nodeIds: ['a', 'c'], perNode: 8 });
  expect(placeGang(24, nodes)).toBeNull();
  expect(gangEverFits(24, nodes)).toBe(true);
  expect(gangEverFits(25, nodes)).toBe(false);
});

test('a job never lies in two clusters', () => {
  const nodes = [node('a', 8), node('b', 8, { clusterId: 'us-1' })];
  expect(placeGang(16, nodes)).toBeNull();
  expect(largestGang(16, nodes, 'EVER')).toBe(8);
});

test('what is placed is exactly what was asked, and was free', () => {
  const rooms = fc.array(fc.record({ present: fc.nat(8), free: fc.nat(8), cluster: fc.nat(1) }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(rooms, fc.integer({ min: 1, max: 24 }), (drawn, count) => {
      const nodes = drawn.map(({ present, free, cluster }, index) =>
        node(`n${index}`, Math.min(free, present), { present, clusterId: `c${cluster}` }),
      );
      const place = placeGang(count, nodes);
      if (!place) return;
      expect(new Set(place.nodeIds).size * place.perNode).toBe(count);
      for (const id of place.nodeIds) {
        const taken = nodes.find(({ nodeId }) => nodeId === id);
        expect(taken?.free).toBeGreaterThanOrEqual(place.perNode);
        expect(taken?.clusterId).toBe(place.clusterId);
      }
      expect(gangEverFits(count, nodes)).toBe(true);
    }),
  );
});
