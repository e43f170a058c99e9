import { expect, test } from 'vitest';
import { assignDevices, type DeviceSlots } from './deviceSlots.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

const pod = (name: string, gpus: number, phase = 'Running'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-11-21T10:00:00Z' },
  spec: { containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': String(gpus) } } }] },
  status: { phase },
});

const names = (slots: DeviceSlots) => slots.map((holder) => holder?.metadata.name ?? null);

test('a pod keeps its devices when others end, and new ones get the lowest that are free', () => {
  const first = assignDevices([], [pod('a', 1), pod('b', 2)], 4);
  expect(names(first)).toEqual(['a', 'b', 'b', null]);
  const later = assignDevices(first, [pod('a', 1, 'Succeeded'), pod('b', 2), pod('c', 2)], 4);
  expect(names(later)).toEqual(['c', 'b', 'b', 'c']);
});
