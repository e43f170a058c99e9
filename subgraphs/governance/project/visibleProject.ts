import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal, projectsWith } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { type Project, toProject } from './project.type.js';
import type { ProjectScope } from './project.repository.js';

const SEE: Permission = 'project:read';

export const maySeeProject = (id: string, viewer: Principal): boolean => may(viewer, SEE, id);

/** For lists and counts: what `visibleProject` shows one by one. */
export const visibleProjects = (viewer: Principal): ProjectScope => projectsWith(viewer, SEE);

/** The one door to projects: queries, references and fields come through it. */
export async function visibleProject(id: string, { loaders, principal }: Context): Promise<Project | null> {
  if (!maySeeProject(id, principal)) return null;
  const project = await loaders.project.load(id);
  return project && toProject(project);
}
