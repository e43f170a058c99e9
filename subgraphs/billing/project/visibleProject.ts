import type { Context } from '../context.js';
import { maySeeCost, maySeeProject } from '../visibility.js';
import type { ProjectStub } from './project.type.js';

/** The project if it exists and the viewer may know that; else null. */
export async function visibleProject(
  id: string,
  { loaders, principal }: Context,
): Promise<ProjectStub | null> {
  return maySeeProject(principal, id) && (await loaders.project.load(id)) ? { id } : null;
}

/** Whether there is such a project for the viewer, and they may see what it costs. */
export async function maySeeCostOf(projectId: string, context: Context): Promise<boolean> {
  return maySeeCost(context.principal, projectId) && (await visibleProject(projectId, context)) !== null;
}
