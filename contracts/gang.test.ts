import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOut } from './gang.js';

test('a job that fits one node gets one, the tightest that has room', () => {
  const nodes = [
    { nodeId: 'a', free: 8 },
    { nodeId: 'b', free: 3 },
    { nodeId: 'c', free: 1 },
  ];
  expect(shareOut(2, nodes)).toEqual([{ nodeId: 'b', pods: 1, gpusPerPod: 2 }]);
});

test('a larger job gets equal shares of as few nodes as it can, or nothing', () => {
  const nodes = [
    { nodeId: 'a', free: 8 },
    { nodeId: 'b', free: 6 },
    { nodeId: 'c', free: 8 },
  ];
  const shares = (count: number) =>
    shareOut(count, nodes)?.map(({ nodeId, gpusPerPod }) => `${nodeId}:${gpusPerPod}`) ?? null;
  expect(shares(12)).toEqual(['b:6', 'a:6']);
  expect(shares(16)).toEqual(['a:8', 'c:8']);
  expect(shares(18)).toEqual(['b:6', 'a:6', 'c:6']);
  expect(shares(24)).toBeNull();
  expect(shares(13)).toBeNull();
});

test('what is shared out is exactly what was asked, and was free', () => {
  const rooms = fc.array(fc.nat(8), { maxLength: 6 });
  fc.assert(
    fc.property(rooms, fc.integer({ min: 1, max: 24 }), (free, count) => {
      const nodes = free.map((room, index) => ({ nodeId: `n${index}`, free: room }));
      const shares = shareOut(count, nodes) ?? [];
      if (shares.length === 0) return;
      expect(new Set(shares.map(({ nodeId }) => nodeId)).size).toBe(shares.length);
      expect(shares.reduce((sum, { pods, gpusPerPod }) => sum + pods * gpusPerPod, 0)).toBe(count);
      for (const { nodeId, gpusPerPod } of shares)
        expect(nodes.find((node) => node.nodeId === nodeId)?.free).toBeGreaterThanOrEqual(gpusPerPod);
    }),
  );
});
