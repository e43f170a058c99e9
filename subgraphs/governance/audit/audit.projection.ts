import type { BillingEvent } from '../../../contracts/billing.events.js';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { AllocationEvent, WorkloadEvent } from '../../../contracts/resources.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';
import { subjectType } from './subjectType.js';

/**
 * One context's part of the audit trail. All of them write into one sequence: the lock on the head's row, held until the
 * commit, puts the contexts' events into one order without a gap. Which place an event took is kept for ever, so that a
 * rebuilt trail is the same trail.
 */
const auditProjection = (source: string): Projection => ({
  name: 'audit',
  source,
  async apply(tx, event) {
    const { id, position, type, streamId, version, projectId, actor, onBehalfOf } = event;
    const { requestId, correlationId, causationId, occurredAt, data } = event;
    await tx.$executeRaw`
      WITH known AS (
        SELECT sequence FROM governance.audit_place WHERE context = ${source} AND position = ${position}
      ), head AS (
        UPDATE governance.audit_head SET sequence = sequence + 1
        WHERE NOT EXISTS (SELECT FROM known) RETURNING sequence
      ), place AS (
        INSERT INTO governance.audit_place (context, position, sequence)
        SELECT ${source}, ${position}::bigint, sequence FROM head RETURNING sequence
      )
      INSERT INTO governance.audit_event (sequence, id, at, type, subgraph, subject_type, subject_id, subject_version,
        owner_id, serves_id, project_id, actor_id, actor_kind, on_behalf_of, request_id, correlation_id, causation_id,
        payload)
      SELECT place_taken.sequence, ${id}::uuid, ${occurredAt}::timestamptz, ${type}, ${source},
        ${subjectType(streamId)}, ${streamId}, ${version}::int,
        coalesce(birth.owner_id, ${onBehalfOf ?? actor.id}), coalesce(birth.serves_id, ${servedBy(event)}),
        ${projectId}, ${actor.id}, ${actor.kind}, ${onBehalfOf}, ${requestId}, ${correlationId}, ${causationId},
        ${JSON.stringify(data)}::jsonb
      FROM (SELECT sequence FROM known UNION ALL SELECT sequence FROM place) AS place_taken
      LEFT JOIN governance.audit_event AS birth
        ON birth.subgraph = ${source} AND birth.subject_id = ${streamId} AND birth.subject_version = 1`;
  },
  async clear(tx) {
    await tx.auditEvent.deleteMany({ where: { subgraph: source } });
  },
});

/** The contexts whose events make up the trail. */
export const CONTEXTS = ['governance', 'resources', 'scheduling', 'billing', 'models'] as const;

/** The whole trail. */
export const auditProjections: readonly Projection[] = CONTEXTS.map(auditProjection);

/** What a new thing serves; the trail of that shows the new thing's events as well. */
function servedBy(recorded: Positioned): string | null {
  const event = recorded as Positioned<AllocationEvent | WorkloadEvent | ApprovalEvent | BillingEvent>;
  switch (event.type) {
    case 'AllocationOpened':
    case 'WorkloadAdmitted':
    case 'WorkloadRefused':
      return event.data.owner.id;
    case 'ApprovalRequested':
      return event.data.ask.target.id;
    case 'HoldPlaced':
      return event.data.ownerId;
    default:
      return null;
  }
}
