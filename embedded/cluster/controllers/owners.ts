import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

/** The reference by which a controller marks what it made. */
export const controllerRef = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const controllerUid = ({ metadata }: KubeObject) =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;

export const isControlledBy = (object: KubeObject, owner: KubeObject) =>
  controllerUid(object) === owner.metadata.uid;
