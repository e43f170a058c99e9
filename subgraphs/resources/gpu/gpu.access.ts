import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal, projectsWith } from '../../../platform/identity/principal.js';

/** Nodes, GPUs and capacity are there for everybody who has any role that sees the fleet. */
export const seesFleet = (viewer: Principal): boolean => {
  const where = projectsWith(viewer, 'fleet:read' satisfies Permission);
  return where === 'ALL' || where.length > 0;
};

/** Who cordons nodes. */
export const operatesFleet = (viewer: Principal): boolean =>
  may(viewer, 'fleet:operate' satisfies Permission);
