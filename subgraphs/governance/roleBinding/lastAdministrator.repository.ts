import type { Transaction } from '../../../platform/database/database.js';
import { PublicError } from '../../../platform/errors.js';
import { ADMINISTRATOR } from '../role/roles.js';
import type { RoleBindingState } from './roleBinding.js';

/**
 * Refuses to take the organisation its last administrator: nobody could give that role again. Those whose role has an end
 * do not count. Locks the bindings that it counts, so that of two administrators who revoke each other one stays.
 */
export async function keepAdministrator(
  tx: Pick<Transaction, '$queryRaw'>,
  id: string,
  { role, projectId }: RoleBindingState,
): Promise<void> {
  if (role !== ADMINISTRATOR || projectId !== null) return;
  const lasting = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM governance.role_binding
    WHERE role = ${role} AND project_id IS NULL AND revoked_at IS NULL AND expires_at IS NULL
    ORDER BY id FOR UPDATE`;
  if (lasting.every((binding) => binding.id === id)) throw lastAdministrator(id);
}

const lastAdministrator = (id: string) =>
  new PublicError(
    'LAST_ADMINISTRATOR',
    'The organisation would have no administrator any more',
    `Make somebody else ${ADMINISTRATOR} of the organisation first, without an end.`,
    { id },
  );
