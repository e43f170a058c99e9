import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { maySeeProject } from '../project/visibleProject.js';
import { type RoleBindingState, subjectId } from './roleBinding.js';
import { type RoleBinding, toRoleBinding } from './roleBinding.type.js';

/** Who has which role in the whole organisation is for those who give roles, and for auditors. */
export const maySeeOrganisationBindings = (viewer: Principal): boolean =>
  (['role:bind', 'trail:read'] satisfies Permission[]).some((right) => may(viewer, right));

/** Members of a project see who else is in it; everybody sees their own roles. */
export function maySeeRoleBinding({ subject, projectId }: RoleBindingState, viewer: Principal): boolean {
  if (subjectId(subject) === viewer.id) return true;
  return projectId === null ? maySeeOrganisationBindings(viewer) : maySeeProject(projectId, viewer);
}

/** The one door to role bindings: queries and references come through it. */
export async function visibleRoleBinding(
  id: string,
  { loaders, principal }: Context,
): Promise<RoleBinding | null> {
  const binding = await loaders.roleBinding.load(id);
  return binding && maySeeRoleBinding(binding.state, principal) ? toRoleBinding(binding) : null;
}
