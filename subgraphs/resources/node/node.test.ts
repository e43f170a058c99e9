import { expect, test } from 'vitest';
import type { NodeEvent, ObservedNode } from '../../../contracts/resources.events.js';
import {
  decideCordon,
  decideObserveNode,
  decideUncordon,
  evolveNode,
  type NodeState,
  takesPods,
} from './node.js';

const observed = (devices: number, more: Partial<ObservedNode> = {}): ObservedNode => ({
  name: 'h100-1',
  zone: null,
  cpuMillis: 1_000,
  memoryMiB: 1_000,
  ready: true,
  unschedulable: false,
  devices: Array.from({ length: devices }, (_, index) => ({
    index,
    gpuModelId: 'h100-sxm5-80gb',
    uuid: null,
    memoryMiB: null,
    health: 'HEALTHY',
  })),
  ...more,
});

const fold = (events: readonly NodeEvent[], before: NodeState | null = null): NodeState => {
  const state = events.reduce<NodeState | null>(
    (node, event) => evolveNode(node, { ...event, occurredAt: '2026-11-21T10:00:00.000Z' } as never),
    before,
  );
  if (!state) throw new Error('Nothing happened');
  return state;
};

const see = (seen: ObservedNode, state: NodeState | null) =>
  decideObserveNode('eu-1/h100-1', 'eu-1', seen, state);

test('the same observation makes no event, whatever the order of its devices', () => {
  const state = fold(see(observed(3), null));
  expect(see({ ...observed(3), devices: observed(3).devices.toReversed() }, state)).toEqual([]);
});

test('a device that vanished stays known as absent, and comes back', () => {
  const state = fold(see(observed(3), null));
  const fewer = fold(see(observed(2), state), state);
  expect(fewer.devices.map(({ index, present }) => [index, present])).toEqual([
    [0, true],
    [1, true],
    [2, false],
  ]);
  expect(fold(see(observed(3), fewer), fewer).devices.every(({ present }) => present)).toBe(true);
});

test('a lost node takes no pods, and is there again when it is seen again', () => {
  const state = fold(see(observed(1), null));
  const lost = fold([{ type: 'NodeLost', data: {} }], state);
  expect(takesPods(lost)).toBe(false);
  const found = fold(see(observed(1), lost), lost);
  expect(takesPods(found)).toBe(true);
});

test('a cordon outlives what the cluster says, and cannot be had twice', () => {
  const state = fold(see(observed(1), null));
  const cordoned = fold(decideCordon('eu-1/h100-1', state, 'a fan'), state);
  expect(takesPods(fold(see(observed(1, { zone: 'b' }), cordoned), cordoned))).toBe(false);
  expect(() => decideCordon('eu-1/h100-1', cordoned, null)).toThrow('is CORDONED');
  expect(() => decideUncordon('eu-1/h100-1', state)).toThrow('is OPEN');
});
