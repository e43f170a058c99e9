import { registerEnumType } from 'type-graphql';
import type { DeploymentEndReason as EndReason } from '../../../contracts/models.events.js';
import type { LoadState } from './deployment.js';
import { DeploymentStatus } from './deployment.transitions.js';

registerEnumType(DeploymentStatus, {
  name: 'DeploymentStatus',
  description: 'Where a deployment is in its life.',
  valuesConfig: {
    REQUESTED: { description: 'Asked for; nothing is decided yet.' },
    AWAITING_APPROVAL: { description: 'Somebody has to approve it. Nothing is reserved.' },
    ALLOCATING: { description: 'Devices and money are asked for.' },
    PROVISIONING: { description: 'It has its devices; its replicas are coming up.' },
    AVAILABLE: { description: 'At least as many replicas answer as were asked for.' },
    DEGRADED: { description: 'It was available, and now fewer replicas answer than were asked for.' },
    DELETING: { description: 'Everything of it is going away.' },
    DELETED: { description: 'Gone, for good.' },
    FAILED: { description: 'It does not serve, for good; `endReason` says why.' },
  },
});

export const DeploymentEndReason: Readonly<Record<EndReason, EndReason>> = {
  DELETED_BY_REQUEST: 'DELETED_BY_REQUEST',
  APPROVAL_REJECTED: 'APPROVAL_REJECTED',
  APPROVAL_EXPIRED: 'APPROVAL_EXPIRED',
  APPROVAL_SUPERSEDED: 'APPROVAL_SUPERSEDED',
  APPROVAL_WITHDRAWN: 'APPROVAL_WITHDRAWN',
  CAPACITY_GONE: 'CAPACITY_GONE',
  PROVISIONING_TIMEOUT: 'PROVISIONING_TIMEOUT',
  IMAGE_PULL_FAILED: 'IMAGE_PULL_FAILED',
  POD_REJECTED: 'POD_REJECTED',
  POD_FAILED: 'POD_FAILED',
  DEVICES_LOST: 'DEVICES_LOST',
};
registerEnumType(DeploymentEndReason, {
  name: 'DeploymentEndReason',
  description: 'Why a deployment ended.',
  valuesConfig: {
    DELETED_BY_REQUEST: { description: 'Somebody deleted it.' },
    APPROVAL_REJECTED: { description: 'Its approval was refused.' },
    APPROVAL_EXPIRED: { description: 'Nobody decided on its approval in time.' },
    APPROVAL_SUPERSEDED: { description: 'What was to be approved has changed meanwhile.' },
    APPROVAL_WITHDRAWN: { description: 'Its approval was taken back.' },
    CAPACITY_GONE: { description: 'When it was to be admitted, quota, budget or devices were gone.' },
    PROVISIONING_TIMEOUT: { description: 'It did not come up in time.' },
    IMAGE_PULL_FAILED: { description: 'Its image could not be pulled.' },
    POD_REJECTED: { description: 'The cluster did not accept its pods.' },
    POD_FAILED: { description: 'Its pods ended, though they should serve for ever.' },
    DEVICES_LOST: { description: 'It lost its devices.' },
  },
});

export const ModelLoadState: Readonly<Record<LoadState, LoadState>> = {
  PENDING: 'PENDING',
  LOADING: 'LOADING',
  LOADED: 'LOADED',
  FAILED_TO_LOAD: 'FAILED_TO_LOAD',
};
registerEnumType(ModelLoadState, {
  name: 'ModelLoadState',
  description: 'How far the replicas of a deployment are with loading the model, as their readiness tells.',
  valuesConfig: {
    PENDING: { description: 'No replica has to load it.' },
    LOADING: { description: 'No replica answers yet.' },
    LOADED: { description: 'At least one replica answers.' },
    FAILED_TO_LOAD: { description: 'No replica ever will.' },
  },
});
