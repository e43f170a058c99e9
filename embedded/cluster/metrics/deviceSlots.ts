import { podRequests } from '../api/quantity.js';
import { isFinished } from '../controllers/podControl.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

/** The pod on each of a node's devices, by index; null where there is none. */
export type DeviceSlots = readonly (Pod | null)[];

/**
 * Gives the pods of a node their devices, as its device plugin does: a pod keeps what it has, and a new one gets the
 * lowest that are free, the oldest pod first.
 */
export function assignDevices(before: DeviceSlots, pods: readonly Pod[], gpus: number): DeviceSlots {
  const alive = new Map(pods.filter((pod) => !isFinished(pod)).map((pod) => [pod.metadata.uid, pod]));
  const slots: (Pod | null)[] = Array.from({ length: gpus }, (_, index) => {
    const holder = before[index]?.metadata.uid;
    return holder === undefined ? null : (alive.get(holder) ?? null);
  });
  const served = new Set(slots.map((pod) => pod?.metadata.uid));
  for (const pod of [...alive.values()].filter(({ metadata }) => !served.has(metadata.uid)).sort(byAge)) {
    let missing = podRequests(pod).get('nvidia.com/gpu') ?? 0;
    for (let index = 0; index < gpus && missing > 0; index += 1) {
      if (slots[index]) continue;
      slots[index] = pod;
      missing -= 1;
    }
  }
  return slots;
}

const ageOf = ({ metadata, status }: Pod) =>
  `${status?.startTime ?? metadata.creationTimestamp ?? ''} ${metadata.name}`;
const byAge = (one: Pod, other: Pod) => (ageOf(one) < ageOf(other) ? -1 : 1);
