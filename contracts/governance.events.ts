import type { ApprovalAsk, ApprovalDecisionKind, ApprovalOutcome } from './approval.js';

/** Facts of governance. They are stored for ever: add a field as optional, or a new type; never change or reuse one. */
export type RoleSubject = { userId: string } | { teamId: string } | { apiKeyId: string };

export type OrganisationEvent = { type: 'OrganisationCreated'; data: { id: string; name: string } };

export type ProjectEvent = {
  type: 'ProjectCreated';
  data: { id: string; key: string; name: string; parentId: string | null };
};

/** A user's names are personal data and stand in a table that can be erased, not here. */
export type UserEvent = { type: 'UserRegistered'; data: { id: string } };

export type RoleBindingEvent =
  | {
      type: 'RoleBound';
      data: {
        id: string;
        subject: RoleSubject;
        role: string;
        projectId: string | null;
        expiresAt: string | null;
      };
    }
  | { type: 'RoleRevoked'; data: { id: string } };

/** `nominal` GPUs of a model that a project, with all below it, may have at one time. No quota means 0. */
export type QuotaEvent = {
  type: 'QuotaSet';
  data: { id: string; projectId: string; gpuModelId: string; nominal: number };
};

/** The life of a request for approval. All but the decisions carry what the context that asked needs to react. */
export type ApprovalEvent =
  | {
      type: 'ApprovalRequested';
      data: {
        projectId: string;
        ask: ApprovalAsk;
        requestedBy: { id: string; kind: string };
        /** What has to be agreed to, one after another, by so many different people. */
        steps: { name: string; quorum: number }[];
      };
    }
  | { type: 'ApprovalDecided'; data: { decision: ApprovalDecisionKind; comment: string | null } }
  /** It may be used once, for its plan. */
  | { type: 'ApprovalApproved'; data: ApprovalOutcome }
  | { type: 'ApprovalRejected'; data: ApprovalOutcome }
  /** Nobody decided in time. */
  | { type: 'ApprovalExpired'; data: ApprovalOutcome }
  /** Whoever asked took it back, or ended what it was for. */
  | { type: 'ApprovalWithdrawn'; data: ApprovalOutcome }
  /** The plan changed meanwhile. */
  | { type: 'ApprovalSuperseded'; data: ApprovalOutcome }
  /** It was used. */
  | { type: 'ApprovalExecuted'; data: ApprovalOutcome }
  /** It was used, and what it allowed could not be carried out. */
  | { type: 'ApprovalExecutionFailed'; data: ApprovalOutcome & { reason: string } };

export type GovernanceEvent =
  OrganisationEvent | ProjectEvent | UserEvent | RoleBindingEvent | QuotaEvent | ApprovalEvent;
