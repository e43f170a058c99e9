import type { Database } from '../../platform/database/database.js';
import { createAllocationRepository } from './allocation/allocation.repository.js';
import { createFleetRepository } from './gpu/fleet.repository.js';
import { createInstanceRepository } from './instance/instance.repository.js';
import { createWorkloadRepository } from './workload/workload.repository.js';

export type Repositories = ReturnType<typeof createRepositories>;

/** The read side of resources. */
export const createRepositories = ({ prisma }: Pick<Database, 'prisma'>) => ({
  instances: createInstanceRepository(prisma),
  allocations: createAllocationRepository(prisma),
  fleet: createFleetRepository(prisma),
  workloads: createWorkloadRepository(prisma),
});
