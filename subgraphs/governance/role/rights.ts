import { type Permission, PERMISSIONS } from '../../../contracts/permissions.js';
import { findRole, type Role } from './roles.js';

/** A role that somebody holds: in the whole organisation if `projectId` is null. */
export type Grant = { role: string; projectId: string | null };

export type Rights = { everywhere: Permission[]; projects: Record<string, Permission[]> };

/**
 * What somebody with these grants may do. The grants must have been expanded down the project tree already. A role that
 * this program does not know gives nothing. Equal grants give equal text, whatever their order.
 */
export function rightsOf(grants: readonly Grant[]): Rights {
  const everywhere = new Set<Permission>();
  const projects = new Map<string, Set<Permission>>();
  for (const { role: name, projectId } of grants) {
    const role = findRole(name);
    if (!role) continue;
    addAll(everywhere, role.everywhere);
    if (projectId === null) addAll(everywhere, role.inScope);
    else addAll(entry(projects, projectId), role.inScope);
  }
  const byId = [...projects].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    everywhere: inOrder(everywhere),
    projects: Object.fromEntries(byId.map(([id, rights]) => [id, inOrder(rights)])),
  };
}

/** Whoever binds or revokes a role must hold every right that it gives, where it gives it: the first one missing. */
export const missingRight = (
  role: Role,
  holds: (permission: Permission) => boolean,
): Permission | undefined => [...role.inScope, ...role.everywhere].find((permission) => !holds(permission));

const inOrder = (rights: ReadonlySet<Permission>) => PERMISSIONS.filter((right) => rights.has(right));

function addAll(rights: Set<Permission>, more: readonly Permission[]): void {
  for (const right of more) rights.add(right);
}

function entry(projects: Map<string, Set<Permission>>, id: string): Set<Permission> {
  const rights = projects.get(id) ?? new Set<Permission>();
  projects.set(id, rights);
  return rights;
}
