import type { Database } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
import type { AllocationState } from './allocation.js';

type Allocation = Existing<AllocationState>;

/** A plain list holds no more. */
const NEWEST = 100;

const toEntity = (row: EntityRow): Allocation => toExisting(row);

export type AllocationRepository = ReturnType<typeof createAllocationRepository>;

/** The read side of allocations. Rows are written only by allocation.projection.ts. */
export function createAllocationRepository(prisma: Database['prisma']) {
  const { allocation } = prisma;
  return {
    findByIds: async (ids: readonly string[]): Promise<Allocation[]> =>
      (await allocation.findMany({ where: { id: { in: [...ids] } } })).map(toEntity),

    openOfGpus: async (gpuIds: readonly string[]): Promise<Allocation[]> =>
      (await allocation.findMany({ where: { gpuId: { in: [...gpuIds] }, closedAt: null } })).map(toEntity),

    /** All that somebody has now. */
    open: async (): Promise<Allocation[]> =>
      (await allocation.findMany({ where: { closedAt: null } })).map(toEntity),

    /** Those of some devices, of an owner or of a project that lasted into a span of time, the oldest first. */
    async during(
      whose: { gpuIds: readonly string[] } | { owner: AllocationState['owner'] } | { projectId: string },
      { from, to }: { from: Date; to: Date },
    ): Promise<Allocation[]> {
      const rows = await allocation.findMany({
        where: {
          ...('gpuIds' in whose && { gpuId: { in: [...whose.gpuIds] } }),
          ...('owner' in whose && { ownerKind: whose.owner.kind, ownerId: whose.owner.id }),
          ...('projectId' in whose && { projectId: whose.projectId }),
          openedAt: { lt: to },
          OR: [{ closedAt: null }, { closedAt: { gt: from } }],
        },
        orderBy: { id: 'asc' },
      });
      return rows.map(toEntity);
    },

    /** The newest of each owner, newest first. */
    async newestOfOwners(ownerIds: readonly string[]): Promise<Allocation[]> {
      const rows = await prisma.$queryRaw<EntityRow[]>`
        SELECT a.id, a.version, a.created_at AS "createdAt", a.created_by AS "createdBy",
          a.updated_at AS "updatedAt", a.state
        FROM unnest(${ownerIds}::text[]) AS wanted (id) CROSS JOIN LATERAL (
          SELECT * FROM resources.allocation WHERE owner_id = wanted.id ORDER BY id DESC LIMIT ${NEWEST}) a
        ORDER BY a.id DESC`;
      return rows.map(toEntity);
    },

    /** The newest of each device, newest first. */
    async newestOfGpus(gpuIds: readonly string[]): Promise<Allocation[]> {
      const rows = await prisma.$queryRaw<EntityRow[]>`
        SELECT a.id, a.version, a.created_at AS "createdAt", a.created_by AS "createdBy",
          a.updated_at AS "updatedAt", a.state
        FROM unnest(${gpuIds}::text[]) AS wanted (id) CROSS JOIN LATERAL (
          SELECT * FROM resources.allocation WHERE gpu_id = wanted.id ORDER BY id DESC LIMIT ${NEWEST}) a
        ORDER BY a.id DESC`;
      return rows.map(toEntity);
    },
  };
}
