import type { CheckRule, RuleSet } from './checks.js';
import { deviceTopic, type FleetBook } from './fleetBook.js';
import { fits } from './modelRoom.js';

const NOW_ANYWHERE = { when: 'NOW', among: 'ALL' } as const;
const NOW_REACHED = { when: 'NOW', among: 'REACHED' } as const;
const EVER_ANYWHERE = { when: 'EVER', among: 'ALL' } as const;
const EVER_REACHED = { when: 'EVER', among: 'REACHED' } as const;

/** What devices must be there for a job: in a cluster that can be reached, and free together. */
export function deviceRules({ room }: Pick<FleetBook, 'room'>, gpuModelId: string, count: number): RuleSet {
  const topics = [deviceTopic(gpuModelId)];
  const numbers = () => ({ need: String(count), free: String(room(gpuModelId).free) });

  /** In the way where a cluster that does not answer would have what no other has. */
  const reach = (): CheckRule => ({
    subject: `REACH ${gpuModelId}`,
    topics,
    look() {
      const now = room(gpuModelId);
      if (now.clusters.every(({ isReached }) => isReached)) return null;
      const onlyThere = fits(count, now, EVER_ANYWHERE) && !fits(count, now, EVER_REACHED);
      const freeThere = fits(count, now, NOW_ANYWHERE) && !fits(count, now, NOW_REACHED);
      return onlyThere || freeThere ? 'CLUSTER_OFFLINE' : null;
    },
    numbers,
    describe() {
      const id = room(gpuModelId).clusters.find(({ isReached }) => !isReached)?.clusterId ?? null;
      return {
        unit: 'GPU',
        ref: id === null ? null : { type: 'Cluster', id },
        action: `Wait until cluster ${id} answers again, or ask those who run it.`,
      };
    },
  });

  const devices = (): CheckRule => ({
    subject: `DEVICES ${gpuModelId}`,
    topics,
    look() {
      const now = room(gpuModelId);
      if (!fits(count, now, EVER_ANYWHERE)) return 'NO_MATCHING_DEVICE';
      return fits(count, now, fits(count, now, EVER_REACHED) ? NOW_REACHED : NOW_ANYWHERE)
        ? null
        : 'CAPACITY';
    },
    numbers,
    describe() {
      const action = fits(count, room(gpuModelId), EVER_ANYWHERE)
        ? `Wait until enough GPUs of ${gpuModelId} are free together, ask for fewer, or name more models.`
        : `Ask for fewer GPUs of ${gpuModelId}, or name more models: there is no room for so many.`;
      return { unit: 'GPU', ref: { type: 'GpuModel', id: gpuModelId }, action };
    },
  });

  return [
    `devices ${gpuModelId} ${count}`,
    () => [
      [`REACH ${gpuModelId} ${count}`, reach],
      [`DEVICES ${gpuModelId} ${count}`, devices],
    ],
  ];
}
