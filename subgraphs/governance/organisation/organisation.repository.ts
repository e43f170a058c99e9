import type { PrismaClient } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { OrganisationState } from './organisation.js';

/** The read side of the organisation. */
export function createOrganisationRepository(prisma: Pick<PrismaClient, 'organisation'>) {
  return {
    /** Null until it was created. */
    find: async (): Promise<Existing<OrganisationState> | null> => {
      const row = await prisma.organisation.findFirst();
      return row && toExisting(row);
    },
  };
}

export type OrganisationRepository = ReturnType<typeof createOrganisationRepository>;
