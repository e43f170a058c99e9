/** Who acts. Names are personal data and live elsewhere: events carry the id alone. */
export type ActorKind = 'USER' | 'SERVICE_ACCOUNT' | 'API_KEY' | 'SYSTEM';
export type Actor = { id: string; kind: ActorKind };

/**
 * The authenticated caller with the rights that hold for this one request. JSON only: in process it is passed as an
 * object, between processes inside a signature. Permissions are opaque words here; contracts/ gives them meaning.
 */
export type Principal = Actor & {
  displayName: string;
  /** Rights that hold in the whole organisation. */
  everywhere: readonly string[];
  /** Rights by project id, already expanded down the project tree. */
  projects: Readonly<Record<string, readonly string[]>>;
};

/** A named part of Fleetgraph that acts by itself, for example `system:instance-reconciler`. It may do everything. */
export const systemPrincipal = (name: string): Principal => ({
  id: `system:${name}`,
  kind: 'SYSTEM',
  displayName: name,
  everywhere: ['*'],
  projects: {},
});

/** Whether the principal holds a right: in the organisation, or in the project if one is named. */
export function may(principal: Principal, permission: string, projectId?: string | null): boolean {
  const { everywhere, projects } = principal;
  if (everywhere.includes('*') || everywhere.includes(permission)) return true;
  return projectId != null && Object.hasOwn(projects, projectId) && projects[projectId]!.includes(permission);
}

/** The projects in which the principal holds a right, or `'ALL'`. For list filters and counts. */
export function projectsWith(principal: Principal, permission: string): 'ALL' | string[] {
  if (may(principal, permission)) return 'ALL';
  return Object.keys(principal.projects).filter((id) => principal.projects[id]!.includes(permission));
}
