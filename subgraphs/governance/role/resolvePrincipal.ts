import type { GovernanceCalls } from '../../../contracts/calls.js';
import type { RoleBindingRepository } from '../roleBinding/roleBinding.repository.js';
import type { createRegistration } from '../user/user.registration.js';
import { rightsOf } from './rights.js';

/** Who comes with these claims, and what they may do at this moment. */
export function createPrincipalResolver(
  recognise: ReturnType<typeof createRegistration>,
  roleBindings: Pick<RoleBindingRepository, 'grantsOf'>,
): GovernanceCalls['resolvePrincipal'] {
  return async (claims) => {
    const { userId, displayName } = await recognise(claims);
    const rights = rightsOf(await roleBindings.grantsOf(userId));
    return { id: userId, kind: 'USER', displayName, ...rights };
  };
}
