import type { Context } from '../context.js';
import { maySeeProject } from '../visibility.js';
import type { ProjectStub } from './project.type.js';

/** The project if it exists and the viewer may know that; else null. */
export async function visibleProject(
  id: string,
  { loaders, principal }: Context,
): Promise<ProjectStub | null> {
  return maySeeProject(principal, id) && (await loaders.project.load(id)) ? { id } : null;
}
