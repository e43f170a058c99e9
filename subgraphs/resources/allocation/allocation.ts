import type { AllocationEvent, OwnerKind, Placement } from '../../../contracts/resources.events.js';
import type { Recorded } from '../../../platform/eventStore/event.js';

/** One device that one owner has, or had. */
export type AllocationState = {
  owner: { kind: OwnerKind; id: string };
  projectId: string;
  gpuId: string;
  gpuModelId: string;
  nodeId: string;
  basisPoints: number;
  from: string;
  /** Null as long as the owner has it. */
  to: string | null;
};

export const WHOLE_DEVICE = 10_000;

export function evolveAllocation(
  before: AllocationState | null,
  event: Recorded<AllocationEvent>,
): AllocationState {
  if (event.type === 'AllocationOpened') {
    const { owner, projectId, gpuId, gpuModelId, nodeId, basisPoints, from } = event.data;
    return { owner, projectId, gpuId, gpuModelId, nodeId, basisPoints, from, to: null };
  }
  if (!before) throw new Error('An allocation was closed that was never opened');
  return { ...before, to: event.data.to };
}

/** Whole devices of one node for one owner: an event for each, in the order of the placement's allocations. */
export const openAllocations = (
  owner: { kind: OwnerKind; id: string; projectId: string },
  placement: Placement,
  gpuIds: readonly string[],
  now: Date,
): (AllocationEvent & { type: 'AllocationOpened' })[] =>
  placement.allocationIds.map((id, index) => ({
    type: 'AllocationOpened',
    data: {
      id,
      owner: { kind: owner.kind, id: owner.id },
      projectId: owner.projectId,
      gpuId: gpuIds[index] ?? '',
      gpuModelId: placement.gpuModelId,
      nodeId: placement.nodeId,
      basisPoints: WHOLE_DEVICE,
      from: now.toISOString(),
    },
  }));

/** Closing what is closed already changes nothing. */
export const decideClose = (id: string, state: AllocationState | null, now: Date): AllocationEvent[] =>
  state && state.to === null ? [{ type: 'AllocationClosed', data: { id, to: now.toISOString() } }] : [];
