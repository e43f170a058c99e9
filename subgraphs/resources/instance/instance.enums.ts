import { registerEnumType } from 'type-graphql';
import type {
  InstanceEndReason as EndReason,
  ProvisioningStepName,
} from '../../../contracts/resources.events.js';
import { InstancePhase } from './instance.transitions.js';

registerEnumType(InstancePhase, {
  name: 'InstanceState',
  description: 'Where an instance is in its life.',
  valuesConfig: {
    REQUESTED: { description: 'Asked for; nothing is decided yet.' },
    AWAITING_APPROVAL: { description: 'Somebody has to approve it. Nothing is reserved.' },
    ALLOCATING: { description: 'Quota and budget allow it; devices are being chosen.' },
    PROVISIONING: { description: 'It has its devices; its pod is being made.' },
    CONFIGURING: { description: 'Its pod exists: placed, pulling the image, starting.' },
    RUNNING: { description: 'It is ready.' },
    DEGRADED: {
      description: 'It ran, and is not ready now. It keeps its devices, and is repaired if that is possible.',
    },
    STOPPING: { description: 'Its pod is going away; the devices are free once it is gone.' },
    STOPPED: { description: 'It has no pod and no devices; its volume and identity are kept.' },
    STARTING: { description: 'It has new devices; its pod is coming up again.' },
    TERMINATING: { description: 'Everything of it is going away.' },
    TERMINATED: { description: 'Gone, for good.' },
    FAILED: { description: 'It could not be brought up, for good; `endReason` says why.' },
  },
});

export const InstanceEndReason: Readonly<Record<EndReason, EndReason>> = {
  TERMINATED_BY_REQUEST: 'TERMINATED_BY_REQUEST',
  PROVISIONING_TIMEOUT: 'PROVISIONING_TIMEOUT',
  IMAGE_PULL_FAILED: 'IMAGE_PULL_FAILED',
  POD_REJECTED: 'POD_REJECTED',
  POD_FAILED: 'POD_FAILED',
  APPROVAL_REJECTED: 'APPROVAL_REJECTED',
  APPROVAL_EXPIRED: 'APPROVAL_EXPIRED',
  APPROVAL_SUPERSEDED: 'APPROVAL_SUPERSEDED',
  APPROVAL_WITHDRAWN: 'APPROVAL_WITHDRAWN',
  CAPACITY_GONE: 'CAPACITY_GONE',
};
registerEnumType(InstanceEndReason, {
  name: 'InstanceEndReason',
  description: 'Why an instance ended.',
  valuesConfig: {
    TERMINATED_BY_REQUEST: { description: 'Somebody terminated it.' },
    PROVISIONING_TIMEOUT: { description: 'It did not come up in time.' },
    IMAGE_PULL_FAILED: { description: 'Its image could not be pulled.' },
    POD_REJECTED: { description: 'The cluster did not accept its pod.' },
    POD_FAILED: { description: 'Its pod failed before it was ever ready.' },
    APPROVAL_REJECTED: { description: 'Its approval was refused.' },
    APPROVAL_EXPIRED: { description: 'Nobody decided on its approval in time.' },
    APPROVAL_SUPERSEDED: { description: 'What was to be approved has changed meanwhile.' },
    APPROVAL_WITHDRAWN: { description: 'Whoever asked for its approval took that back.' },
    CAPACITY_GONE: { description: 'When it was approved, quota, budget or devices were gone.' },
  },
});

export const StepName: Readonly<Record<ProvisioningStepName, ProvisioningStepName>> = {
  ALLOCATE: 'ALLOCATE',
  CREATE_POD: 'CREATE_POD',
  SCHEDULE: 'SCHEDULE',
  PULL_IMAGE: 'PULL_IMAGE',
  START: 'START',
};
registerEnumType(StepName, {
  name: 'ProvisioningStepName',
  description: 'What is done, in this order, until an instance runs.',
  valuesConfig: {
    ALLOCATE: { description: 'Devices are chosen and given.' },
    CREATE_POD: { description: 'Its pod is created in the cluster.' },
    SCHEDULE: { description: 'The cluster binds the pod to the node of its devices.' },
    PULL_IMAGE: { description: 'The node pulls the image.' },
    START: { description: 'The container starts and becomes ready.' },
  },
});

export const StepState = {
  PENDING: 'PENDING',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
} as const;
registerEnumType(StepState, {
  name: 'ProvisioningStepState',
  description: 'How far a step is.',
  valuesConfig: {
    PENDING: { description: 'It has not begun.' },
    RUNNING: { description: 'It is being done.' },
    SUCCEEDED: { description: 'It is done.' },
    FAILED: { description: 'It did not work.' },
  },
});
