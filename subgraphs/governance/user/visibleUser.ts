import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import type { User } from './user.type.js';

/** Whoever has a role sees who else there is: it is one company. Others see themselves. */
export const maySeeUser = (id: string, viewer: Principal): boolean =>
  id === viewer.id || may(viewer, 'user:read' satisfies Permission);

/** The one door to users: queries, references and fields come through it. */
export async function visibleUser(id: string, { loaders, principal }: Context): Promise<User | null> {
  if (!maySeeUser(id, principal)) return null;
  const user = await loaders.user.load(id);
  return user && entityFields(user);
}
