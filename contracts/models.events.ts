import type { ApprovalAsk } from './approval.js';
import type { DeploymentSpec } from './resources.events.js';

/** Facts of models that other contexts read. Stored for ever: add optional fields or new types only. */
export type RegisteredModelEvent =
  | {
      type: 'ModelRegistered';
      data: { id: string; projectId: string; name: string; task: string | null };
    }
  /** The alias resolves to this version from now on. */
  | { type: 'AliasSet'; data: { name: string; versionId: string; previousVersionId: string | null } };

/** Whole numbers that may pass 2^53 are decimal text. Versions count from 1 per model, without gaps. */
export type ModelVersionEvent = {
  type: 'ModelVersionCreated';
  data: {
    id: string;
    modelId: string;
    projectId: string;
    number: number;
    uri: string;
    digest: string;
    sizeBytes: string;
    parameters: string | null;
    precision: string | null;
    producedByJobId: string | null;
  };
};

export type DeploymentEndReason =
  | 'DELETED_BY_REQUEST'
  | 'APPROVAL_REJECTED'
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_SUPERSEDED'
  | 'APPROVAL_WITHDRAWN'
  /** Its devices or its money were gone when it was to be admitted. */
  | 'CAPACITY_GONE'
  | 'PROVISIONING_TIMEOUT'
  | 'IMAGE_PULL_FAILED'
  | 'POD_REJECTED';

/** `deadline`: when the status that the event leads to must have ended. */
export type DeploymentEvent =
  | {
      type: 'DeploymentRequested';
      data: {
        id: string;
        projectId: string;
        name: string;
        modelVersionId: string;
        spec: DeploymentSpec;
        /** Parts of the requests that go to each version; they sum to 10,000. */
        traffic: { modelVersionId: string; weightBp: number }[];
        planHash: string;
        deadline: string;
      };
    }
  | { type: 'DeploymentApprovalAsked'; data: { ask: ApprovalAsk; deadline: string } }
  /** Resources are asked for devices and money. Answered by WorkloadAdmitted or WorkloadRefused. */
  | {
      type: 'DeploymentAdmissionAsked';
      data: {
        projectId: string;
        name: string;
        spec: DeploymentSpec;
        /** What the plan's hash is taken of. */
        request: Record<string, unknown>;
        planHash: string;
        deadline: string;
      };
    }
  | { type: 'DeploymentAdmitted'; data: { allocationIds: string[]; deadline: string } }
  /** Enough replicas answer. */
  | { type: 'DeploymentAvailable'; data: Record<never, never> }
  | { type: 'DeploymentReplicasChanged'; data: { desired: number; ready: number } }
  | { type: 'DeploymentDeletionRequested'; data: { deadline: string } }
  | { type: 'DeploymentDeleted'; data: { endReason: DeploymentEndReason } }
  | { type: 'DeploymentDeadlineMissed'; data: { status: string; deadline: string } }
  | { type: 'DeploymentFailed'; data: { endReason: DeploymentEndReason; message: string | null } };

export type ModelsEvent = RegisteredModelEvent | ModelVersionEvent | DeploymentEvent;
