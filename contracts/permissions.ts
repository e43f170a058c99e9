/**
 * The rights that roles give (subgraphs/governance/role/roles.ts says which role gives which). A right holds in the
 * whole organisation or in one project; what it allows is decided by the subgraph that owns the thing.
 */
export const PERMISSIONS = [
  /** Create projects: in the organisation, or below the project in which the right holds. */
  'project:create',
  /** That the project exists, its key, name, members and quotas; not what is in it. */
  'project:read',
  /** Find people by name, and see the names behind actors' ids. */
  'user:read',
  'quota:set',
  /** Bind and revoke roles; nobody can give away a right that they do not hold there. */
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
  /** The whole trail of where the right holds. */
  'trail:read',
  /** What one did oneself, had done on one's behalf, and what happened to the things one made. */
  'trail:readOwn',
  /** Events of clusters, nodes and GPUs. */
  'trail:readFleet',
  'trail:readModels',
  'trail:readCost',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Rights in the whole organisation that show nothing of any project. */
const ABOUT_NO_PROJECT: readonly string[] = [
  'user:read',
  'fleet:read',
  'fleet:operate',
  'priceBook:write',
  'trail:readFleet',
] satisfies Permission[];

/**
 * The projects of which somebody may see anything at all, whatever it is: what row-level security lets through for them.
 * Which things, their subgraphs decide.
 */
export const projectsInSight = (rights: {
  readonly everywhere: readonly string[];
  readonly projects: Readonly<Record<string, unknown>>;
}): 'ALL' | string[] =>
  rights.everywhere.some((right) => !ABOUT_NO_PROJECT.includes(right)) ? 'ALL' : Object.keys(rights.projects);
