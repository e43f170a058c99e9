import type { Position } from '../../../platform/eventStore/event.js';
import type { Tail } from '../../../platform/log/tail.js';
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
  let hearing: Promise<void> | null = null;
  let listening = Promise.resolve();

  async function read(): Promise<ReadonlyMap<string, Holder>> {
    const open = await allocations.open();
    return new Map(
      open.map(({ state }) => [state.gpuId, { owner: state.owner, projectId: state.projectId }]),
    );
  }

  /** Once it has resolved, whatever changes makes what was read before count no more. */
  async function hear(): Promise<void> {
    const tail = await tails('resources');
    const head = await tail.fetchHead();
    listening = listen(tail, head).catch(onError);
  }

  async function listen(tail: Tail, head: Position): Promise<void> {
    for await (const events of tail.from(head, stop.signal))
      if (events.some(({ type }) => type === 'AllocationOpened' || type === 'AllocationClosed')) known = null;
  }

  return {
    now() {
      if (known) return known;
      // Not before somebody asks: while the process is being put together, no context can be read yet.
      hearing ??= hear();
      hearing.catch(() => (hearing = null));
      const reading = hearing.then(read);
      known = reading;
      // The next one asks again.
      reading.catch(() => (known = null));
      return reading;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await hearing?.catch(() => undefined);
      await listening;
    },
  };
}
