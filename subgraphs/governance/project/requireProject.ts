import type { Unit } from '../../../platform/command/unit.js';
import { notFound } from '../../../platform/errors.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { projectAggregate } from './project.projection.js';
import { maySeeProject } from './visibleProject.js';

/** For commands on a project: one that the principal may not see does not exist for them. */
export async function requireProject(unit: Unit, id: string, principal: Principal): Promise<void> {
  const project = maySeeProject(id, principal) ? await unit.load(projectAggregate, id) : null;
  if (!project?.state) throw notFound('Project', id);
}
