import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { maySeeProject } from '../project/visibleProject.js';
import { type RoleBinding, toRoleBinding } from './roleBinding.type.js';

/** Who has which role in the whole organisation is for those who give roles, and for auditors. */
export const maySeeOrganisationBindings = (viewer: Principal): boolean =>
  (['role:bind', 'trail:read'] satisfies Permission[]).some((right) => may(viewer, right));

/** The one door to role bindings. Members of a project see who else is in it; everybody sees their own. */
export async function visibleRoleBinding(
  id: string,
  { loaders, principal }: Context,
): Promise<RoleBinding | null> {
  const entity = await loaders.roleBinding.load(id);
  if (!entity) return null;
  const binding = toRoleBinding(entity);
  const visible =
    binding.subjectId === principal.id ||
    (binding.projectId === null
      ? maySeeOrganisationBindings(principal)
      : maySeeProject(binding.projectId, principal));
  return visible ? binding : null;
}
