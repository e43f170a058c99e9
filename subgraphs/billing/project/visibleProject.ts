import type { Context } from '../context.js';
import { maySeeCost } from '../visibility.js';
import type { ProjectStub } from './project.type.js';

/** The project if it exists and the viewer may see what it costs; else null. */
export async function visibleProject(
  id: string,
  { loaders, principal }: Context,
): Promise<ProjectStub | null> {
  return maySeeCost(principal, id) && (await loaders.project.load(id)) ? { id } : null;
}
