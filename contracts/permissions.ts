/**
 * The rights that roles give (subgraphs/governance/role/roles.ts says which role gives which). A right holds in the
 * whole organisation or in one project; what it allows is decided by the subgraph that owns the thing.
 */
export const PERMISSIONS = [
  'project:create',
  'project:read',
  'quota:set',
  'role:bind',
  'budget:write',
  'priceBook:write',
  /** Plan, request, start, stop and terminate instances of anybody. */
  'instance:write',
  /** Plan and request instances; start, stop and terminate one's own. */
  'instance:writeOwn',
  'job:write',
  'job:writeOwn',
  'deployment:write',
  'deployment:writeOwn',
  'approval:decide',
  /** Decide approvals that are about models only. */
  'approval:decideModels',
  'model:write',
  'alias:writeProtected',
  /** Nodes, GPUs, capacity. */
  'fleet:read',
  /** Cordon, drain, dead letters, live groups. */
  'fleet:operate',
  /** Everything in a project: instances, jobs, models and their cost. */
  'contents:read',
  /** Kinds and amounts only: what occupies a device, not whose it is. */
  'amounts:read',
  'model:read',
  'cost:read',
  /** The whole trail. */
  'trail:read',
  'trail:readOwn',
  'trail:readFleet',
  'trail:readModels',
  'trail:readCost',
] as const;

export type Permission = (typeof PERMISSIONS)[number];
