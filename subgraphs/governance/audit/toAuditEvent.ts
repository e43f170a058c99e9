import { resolveActor } from '../actor/actor.resolver.js';
import type { AuditEvent } from './auditEvent.type.js';
import type { AuditRow } from './trail.repository.js';

export const toAuditEvent = (row: AuditRow): AuditEvent => ({
  id: row.id,
  sequence: row.sequence,
  at: row.at,
  type: row.type,
  subgraph: row.subgraph,
  subject: { type: row.subject_type, id: row.subject_id, version: row.subject_version },
  projectId: row.project_id,
  actor: resolveActor({ id: row.actor_id }),
  onBehalfOf: row.on_behalf_of === null ? null : resolveActor({ id: row.on_behalf_of }),
  requestId: row.request_id,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  payload: row.payload,
});
