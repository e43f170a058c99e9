import type { ModelsEvent } from '../../../contracts/models.events.js';
import type { ResourcesEvent } from '../../../contracts/resources.events.js';
import type { SchedulingEvent } from '../../../contracts/scheduling.events.js';
import type { TargetFate } from './approval.decide.js';

/** What the contexts that ask for approvals tell about them. */
export type TargetEvent = ResourcesEvent | SchedulingEvent | ModelsEvent;

/** The events that matter to approvals, by the context that stores them. */
export const TARGET_EVENTS = {
  resources: ['InstanceApprovalAsked', 'InstanceAdmitted', 'InstanceTerminationRequested', 'InstanceFailed'],
  scheduling: [
    'JobApprovalAsked',
    'JobQueued',
    'JobCancelRequested',
    'JobFailed',
    'JobCancelled',
    'JobExpired',
    'JobUnsatisfiable',
  ],
  models: [
    'DeploymentApprovalAsked',
    'DeploymentAdmissionAsked',
    'DeploymentDeletionRequested',
    'DeploymentFailed',
  ],
} as const satisfies Record<string, readonly TargetEvent['type'][]>;

/** What an event says about the thing that waits for an approval, or waited; null if nothing that matters. */
export function fateIn(event: TargetEvent): TargetFate | null {
  switch (event.type) {
    case 'InstanceAdmitted':
    case 'DeploymentAdmissionAsked':
      return { kind: 'USED' };
    case 'JobQueued':
      return event.data.cause === 'APPROVED' ? { kind: 'USED' } : null;
    case 'InstanceTerminationRequested':
    case 'JobCancelRequested':
    case 'JobCancelled':
    case 'DeploymentDeletionRequested':
      return { kind: 'GIVEN_UP' };
    case 'InstanceFailed':
    case 'JobFailed':
    case 'JobExpired':
    case 'JobUnsatisfiable':
    case 'DeploymentFailed':
      return fateOfEnd(event.data.endReason, event.data.message);
    default:
      return null;
  }
}

/** Ends after which an approval that was given was of no use. The last is that of what never heard of it. */
const LOST = ['CAPACITY_GONE', 'UNSATISFIABLE', 'APPROVAL_EXPIRED'];

/** What failed for another reason has had its use of the approval, or was ended by it. */
function fateOfEnd(endReason: string, message: string | null): TargetFate | null {
  if (endReason === 'APPROVAL_SUPERSEDED') return { kind: 'PLAN_CHANGED' };
  return LOST.includes(endReason) ? { kind: 'NOT_CARRIED_OUT', reason: message ?? endReason } : null;
}
