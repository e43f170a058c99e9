import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { Context } from '../context.js';
import { seesContents } from '../instance/instance.access.js';
import type { AllocationState } from './allocation.js';
import { type Allocation, toAllocation } from './allocation.type.js';

type Entity = Existing<AllocationState>;

/** Those in projects that the viewer sees into. */
export const visibleAllocations = (allocations: readonly Entity[], { principal }: Context): Entity[] =>
  allocations.filter(({ state }) => seesContents(principal, state.projectId));

export async function visibleAllocation(id: string, context: Context): Promise<Allocation | null> {
  const allocation = await context.loaders.allocation.load(id);
  const [visible] = visibleAllocations(allocation ? [allocation] : [], context);
  return visible ? toAllocation(visible) : null;
}
