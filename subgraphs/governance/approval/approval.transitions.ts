import { ApprovalStatus } from '../../../contracts/approval.js';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';

type EventType = ApprovalEvent['type'];

/** Which event may end which status, and where it leads. */
export const TRANSITIONS: Readonly<
  Record<ApprovalStatus, Readonly<Partial<Record<EventType, ApprovalStatus>>>>
> = {
  PENDING: {
    ApprovalApproved: 'APPROVED',
    ApprovalRejected: 'REJECTED',
    ApprovalExpired: 'EXPIRED',
    ApprovalWithdrawn: 'WITHDRAWN',
    ApprovalSuperseded: 'SUPERSEDED',
  },
  APPROVED: {
    ApprovalExecuted: 'EXECUTED',
    ApprovalExecutionFailed: 'EXECUTION_FAILED',
    ApprovalSuperseded: 'SUPERSEDED',
    ApprovalWithdrawn: 'WITHDRAWN',
  },
  EXECUTED: { ApprovalExecutionFailed: 'EXECUTION_FAILED' },
  REJECTED: {},
  EXPIRED: {},
  WITHDRAWN: {},
  SUPERSEDED: {},
  EXECUTION_FAILED: {},
};

/** Whether an event may happen in a status. */
export const leads = (status: ApprovalStatus, type: EventType): boolean =>
  TRANSITIONS[status][type] !== undefined;

/** The commands that people give, and where each may lead. */
export const COMMANDS = {
  decideApproval: ApprovalStatus.APPROVED,
  withdrawApproval: ApprovalStatus.WITHDRAWN,
} as const;
export type ApprovalCommandName = keyof typeof COMMANDS;

export const APPROVAL_COMMANDS = Object.keys(COMMANDS) as ApprovalCommandName[];

/** What people may do to a request: nothing once it is decided, or could not be any more. */
export const allowedCommands = (status: ApprovalStatus): readonly ApprovalCommandName[] =>
  status === 'PENDING' ? APPROVAL_COMMANDS : [];
