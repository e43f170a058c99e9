import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gangEverFits, type NodeRoom, placeGang } from '../../../contracts/gang.js';
import { fits, summarise } from './modelRoom.js';

test('counted room says of every size what the rule for placing says', () => {
  const room = fc.record({ present: fc.nat(8), free: fc.nat(8), cluster: fc.nat(2) });
  const input = fc.record({
    rooms: fc.array(room, { maxLength: 8 }),
    count: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(input, ({ rooms, count }) => {
      const nodes = rooms.map(({ present, free, cluster }, index): NodeRoom => ({
        nodeId: `n${index}`,
        clusterId: `c${cluster}`,
        present,
        free: Math.min(free, present),
      }));
      const isReached = (clusterId: string) => clusterId !== 'c2';
      const reached = nodes.filter(({ clusterId }) => isReached(clusterId));
      const model = summarise(nodes, isReached);
      const ask = (when: 'NOW' | 'EVER', among: 'ALL' | 'REACHED') => fits(count, model, { when, among });
      expect(ask('NOW', 'ALL')).toBe(placeGang(count, nodes) !== null);
      expect(ask('NOW', 'REACHED')).toBe(placeGang(count, reached) !== null);
      expect(ask('EVER', 'ALL')).toBe(gangEverFits(count, nodes));
      expect(ask('EVER', 'REACHED')).toBe(gangEverFits(count, reached));
    }),
  );
});
