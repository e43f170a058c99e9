import type { OwnerKind } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { OwnerFacts } from '../visibility.js';

type Writer = Pick<Transaction, 'costOwner'>;

/** Takes the event as the beginning of something that may cost money: whoever set it off has made it. */
export async function rememberOwner(tx: Writer, event: Positioned, kind: OwnerKind): Promise<void> {
  const { streamId: id, projectId } = event;
  if (projectId === null) return;
  const createdBy = event.onBehalfOf ?? event.actor.id;
  await tx.costOwner.createMany({ data: [{ id, kind, projectId, createdBy }], skipDuplicates: true });
}

/** For a rebuild: each kind is remembered from one context's events. */
export async function forgetOwners(tx: Writer, kind: OwnerKind): Promise<void> {
  await tx.costOwner.deleteMany({ where: { kind } });
}

/** Whose things are, those of which billing knows it; one that its owner's context told of comes last. */
export const readOwners = (
  reader: Pick<Transaction, '$queryRaw'>,
  ids: readonly string[],
): Promise<(OwnerFacts & { id: string })[]> =>
  reader.$queryRaw`
    SELECT owner_id AS id, project_id AS "projectId", NULL AS "createdBy"
    FROM billing.budget_hold WHERE owner_id = ANY(${[...ids]})
    UNION ALL
    SELECT id, project_id, created_by FROM billing.cost_owner WHERE id = ANY(${[...ids]})`;
