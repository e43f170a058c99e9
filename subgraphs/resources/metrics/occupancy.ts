import type { Tails } from '../../../platform/server/tails.js';
import type { AllocationState } from '../allocation/allocation.js';
import type { AllocationRepository } from '../allocation/allocation.repository.js';

/** Who has a device now. */
export type Holder = { readonly owner: AllocationState['owner']; readonly projectId: string };

/** Every device that somebody has, by id: read once, and again after an allocation began or ended. */
export interface Occupancy extends AsyncDisposable {
  now(): Promise<ReadonlyMap<string, Holder>>;
}

export function createOccupancy(deps: {
  allocations: Pick<AllocationRepository, 'open'>;
  tails: Tails;
  onError: (error: unknown) => void;
}): Occupancy {
  const { allocations, tails, onError } = deps;
  const stop = new AbortController();
  let known: Promise<ReadonlyMap<string, Holder>> | null = null;

  async function read(): Promise<ReadonlyMap<string, Holder>> {
    const open = await allocations.open();
    return new Map(
      open.map(({ state }) => [state.gpuId, { owner: state.owner, projectId: state.projectId }]),
    );
  }

  async function listen(): Promise<void> {
    const tail = await tails('resources');
    for await (const events of tail.from(await tail.fetchHead(), stop.signal))
      if (events.some(({ type }) => type === 'AllocationOpened' || type === 'AllocationClosed')) known = null;
  }

  const listening = listen().catch(onError);
  return {
    now() {
      if (known) return known;
      const reading = read();
      known = reading;
      // The next one asks again.
      reading.catch(() => (known = null));
      return reading;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listening;
    },
  };
}
