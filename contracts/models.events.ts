import type { ApprovalAsk } from './approval.js';
import type { DeploymentSpec } from './resources.events.js';

/** Facts of models that other contexts read. Stored for ever: add optional fields or new types only. */
export type RegisteredModelEvent =
  | {
      type: 'ModelRegistered';
      data: { id: string; projectId: string; name: string; task: string | null };
    }
  /** The alias resolves to this version from now on. */
  | { type: 'AliasSet'; data: { name: string; versionId: string; previousVersionId: string | null } }
  /** The alias resolves to nothing from now on. */
  | { type: 'AliasRemoved'; data: { name: string; previousVersionId: string } };

export type ModelPrecision = 'FP32' | 'BF16' | 'FP16' | 'FP8' | 'INT8' | 'INT4';

/** What decides how much memory a model's cache of keys and values takes. `experts` is null for dense models. */
export type ModelArchitecture = { layers: number; kvHeads: number; headDim: number; experts: number | null };

/** What a version was made from. `digest` is null where nobody said. */
export type Dataset = { name: string; uri: string; digest: string | null };

/** A number that an evaluation came to, as decimal text. */
export type Metric = { name: string; value: string };

/** Whole numbers that may pass 2^53 are decimal text. Versions count from 1 per model, without gaps. */
export type ModelVersionEvent =
  | {
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
        precision: ModelPrecision | null;
        producedByJobId: string | null;
        datasets: Dataset[];
        licence: string | null;
        architecture: ModelArchitecture | null;
      };
    }
  | {
      type: 'EvaluationRecorded';
      data: { id: string; suite: string; metrics: Metric[]; passed: boolean; dataset: Dataset | null };
    }
  /** Nothing new may use it until it is released. */
  | { type: 'ModelVersionQuarantined'; data: { reason: string } }
  | { type: 'ModelVersionReleased'; data: Record<never, never> }
  /** What uses it goes on; nothing new may. */
  | { type: 'ModelVersionDeprecated'; data: { reason: string | null } }
  | { type: 'ModelVersionArchived'; data: Record<never, never> };

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
  | 'POD_REJECTED'
  /** Its pods ended, though they should serve for ever. */
  | 'POD_FAILED'
  /** It lost its devices for good. */
  | 'DEVICES_LOST';

/** Parts of the requests that go to each version; they sum to 10,000. */
export type Traffic = { modelVersionId: string; weightBp: number }[];

/** `deadline`: when the status that the event leads to must have ended. */
export type DeploymentEvent =
  | {
      type: 'DeploymentRequested';
      data: {
        id: string;
        projectId: string;
        name: string;
        modelId: string;
        modelVersionId: string;
        spec: DeploymentSpec;
        traffic: Traffic;
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
  /** It was available, and now fewer replicas answer than it should have. It keeps its devices. */
  | { type: 'DeploymentDegraded'; data: { message: string | null } }
  | { type: 'DeploymentReplicasChanged'; data: { desired: number; ready: number } }
  | { type: 'DeploymentTrafficSet'; data: { traffic: Traffic; previousTraffic: Traffic } }
  | { type: 'DeploymentDeletionRequested'; data: { deadline: string } }
  | { type: 'DeploymentDeleted'; data: { endReason: DeploymentEndReason } }
  | { type: 'DeploymentDeadlineMissed'; data: { status: string; deadline: string } }
  /** For good. Resources end what it still has in the cluster when they hear of it. */
  | { type: 'DeploymentFailed'; data: { endReason: DeploymentEndReason; message: string | null } };

export type ModelsEvent = RegisteredModelEvent | ModelVersionEvent | DeploymentEvent;
