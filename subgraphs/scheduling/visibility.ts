import type { Permission } from '../../contracts/permissions.js';
import { may, type Principal } from '../../platform/identity/principal.js';

/** Who may see a project's queues and jobs: those who see its contents. */
export const maySeeContents = (principal: Principal, projectId: string): boolean =>
  may(principal, 'contents:read' satisfies Permission, projectId);
