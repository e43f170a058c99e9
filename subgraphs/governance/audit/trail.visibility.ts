import type { Permission } from '../../../contracts/permissions.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import { type Principal, projectsWith } from '../../../platform/identity/principal.js';

const FLEET = ['Cluster', 'Node', 'Gpu'];

/**
 * The one condition on rows of `governance.audit_event` that says which of them somebody may see. Lists, counts, single
 * events and trails of things all stand behind it. Their own events stay visible to people only as long as they may
 * read their own trail in the project concerned.
 */
export function visibleTrail(viewer: Principal): Prisma.Sql {
  const where = (permission: Permission) => {
    const projects = projectsWith(viewer, permission);
    return projects === 'ALL' ? Prisma.sql`TRUE` : Prisma.sql`project_id = ANY (${projects}::text[])`;
  };
  return Prisma.sql`(
    ${where('trail:read')}
    OR (${viewer.id} IN (actor_id, on_behalf_of, owner_id) AND (project_id IS NULL OR ${where('trail:readOwn')}))
    OR (subject_type = ANY (${FLEET}::text[]) AND ${where('trail:readFleet')})
    OR (subgraph = 'models' AND ${where('trail:readModels')})
    OR (subgraph = 'billing' AND ${where('trail:readCost')})
  )`;
}
