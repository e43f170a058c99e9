import type { Permission } from '../../contracts/permissions.js';
import { forbidden, notFound } from '../../platform/errors.js';
import type { Existing } from '../../platform/eventStore/aggregate.js';
import { may, type Principal } from '../../platform/identity/principal.js';
import { maySeeModels } from './visibility.js';

/** Refused with FORBIDDEN. Ask only about what the principal may see. */
export function checkRight(principal: Principal, permission: Permission, projectId: string): void {
  if (!may(principal, permission, projectId)) throw forbidden(permission);
}

/** What the viewer may not see is missing. */
export const visible = <State extends { projectId: string }>(
  principal: Principal,
  entity: Existing<State> | null,
): Existing<State> | null => (entity && maySeeModels(principal, entity.state.projectId) ? entity : null);

/** The thing, for a command on it; refused as if it did not exist for those who may not see it. */
export async function required<State extends { projectId: string }>(
  principal: Principal,
  { kind, id, load }: { kind: string; id: string; load: (id: string) => Promise<Existing<State> | null> },
): Promise<Existing<State>> {
  const entity = visible(principal, await load(id));
  if (!entity) throw notFound(kind, id);
  return entity;
}
