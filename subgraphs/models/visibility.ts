import type { Permission } from '../../contracts/permissions.js';
import { may, type Principal } from '../../platform/identity/principal.js';

/** Who may see a project's models: those who see its contents, and those who see models. */
export const maySeeModels = (principal: Principal, projectId: string): boolean =>
  may(principal, 'contents:read' satisfies Permission, projectId) ||
  may(principal, 'model:read' satisfies Permission, projectId);

/** Who may know that a project exists: its members, whatever they may see in it. */
export const maySeeProject = (principal: Principal, projectId: string): boolean =>
  may(principal, 'project:read' satisfies Permission, projectId) || maySeeModels(principal, projectId);
