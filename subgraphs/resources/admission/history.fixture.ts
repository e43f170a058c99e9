import { expect } from 'vitest';
import type { AllocationEvent } from '../../../contracts/resources.events.js';
import { START } from '../../../platform/eventStore/event.js';
import type { ResourcesHarness } from '../resources.fixture.js';

/** The limits that count in a test: of each project for every model, and the project above it. */
export type Limits = {
  nominal: Readonly<Record<string, number>>;
  parent: Readonly<Record<string, string>>;
};

type Opened = (AllocationEvent & { type: 'AllocationOpened' })['data'];

/**
 * Replays the allocations, and fails at the first instant at which a device or a quota was given too often. Answers with
 * those that are open at the end.
 */
export async function replayAllocations(
  { app }: Pick<ResourcesHarness, 'app'>,
  { nominal, parent }: Limits,
): Promise<Opened[]> {
  const open = new Map<string, Opened>();
  const devices = new Set<string>();
  const used = new Map<string, number>();
  for (const event of (await app.spine.store.readContext(START, 10_000)) as unknown as AllocationEvent[]) {
    if (event.type !== 'AllocationOpened') continue;
    const { id, gpuId, gpuModelId, projectId } = event.data;
    expect(devices.has(gpuId), `${gpuId} was given twice`).toBe(false);
    devices.add(gpuId);
    open.set(id, event.data);
    for (let cell: string | undefined = projectId; cell !== undefined; cell = parent[cell]) {
      const total = (used.get(`${cell} ${gpuModelId}`) ?? 0) + 1;
      used.set(`${cell} ${gpuModelId}`, total);
      expect(total, `quota of ${cell}`).toBeLessThanOrEqual(nominal[cell] ?? 0);
    }
  }
  return [...open.values()];
}
