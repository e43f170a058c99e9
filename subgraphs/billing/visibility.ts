import type { Permission } from '../../contracts/permissions.js';
import { may, type Principal } from '../../platform/identity/principal.js';

/** Who may see what a project costs and its budgets: those who see its contents, and those who see cost. */
export const maySeeCost = (principal: Principal, projectId: string): boolean =>
  may(principal, 'cost:read' satisfies Permission, projectId) ||
  may(principal, 'contents:read' satisfies Permission, projectId);

/** Who may know that a project exists: its members, whatever they may see in it. */
export const maySeeProject = (principal: Principal, projectId: string): boolean =>
  may(principal, 'project:read' satisfies Permission, projectId) || maySeeCost(principal, projectId);

export type OwnerFacts = { projectId: string; createdBy: string | null };

/** Who may see what one thing costs: those who see its project's cost, and whoever made it. */
export const maySeeOwnerCost = (principal: Principal, { projectId, createdBy }: OwnerFacts): boolean =>
  maySeeCost(principal, projectId) || (createdBy !== null && createdBy === principal.id);
