import { controllerRef, isControlledBy } from './owners.js';
import { templateHash } from './templateHash.js';
import { withCondition } from '../kubelet/conditions.js';
import { deployments, replicaSets } from '../resources.js';
import type { Controller } from './loop.js';
import type { RecordEvent } from './eventRecorder.js';
import type { Draft, Registry } from '../api/registry.js';
import type { Deployment, ReplicaSet } from '../../../platform/kubernetes/kinds.js';

const manager = 'deployment-controller';
const HASH = 'pod-template-hash';

/**
 * Keeps one ReplicaSet per version of the template. A new version comes up whole before the old one goes;
 * `Recreate` takes the old one down first. Surge and unavailability are not counted out in percent.
 */
export function createDeploymentController(registry: Registry, record: RecordEvent): Controller {
  const setsOf = (deployment: Deployment) =>
    registry
      .list(replicaSets, deployment.metadata.namespace)
      .filter((set) => isControlledBy(set, deployment));

  const scale = (deployment: Deployment, set: ReplicaSet, replicas: number) => {
    if (set.spec?.replicas === replicas) return;
    const { name } = set.metadata;
    registry.update(
      replicaSets,
      { ...set, spec: { ...set.spec, replicas } as ReplicaSet['spec'] & object },
      { manager },
    );
    record(deployment, { reason: 'ScalingReplicaSet', message: `Scaled replica set ${name} to ${replicas}` });
  };

  const reconcileDeployment = (deployment: Deployment) => {
    const replicas = deployment.spec?.replicas ?? 1;
    const hash = templateHash(deployment.spec?.template);
    const sets = setsOf(deployment);
    const current = sets.find(({ metadata }) => metadata.labels?.[HASH] === hash);
    const old = sets.filter((set) => set !== current);
    const recreates = deployment.spec?.strategy?.type === 'Recreate';
    const oldPods = old.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);
    if (recreates && oldPods > 0) for (const set of old) scale(deployment, set, 0);
    else if (!current) {
      registry.create(replicaSets, replicaSetOf(deployment, hash), { manager });
      record(deployment, { reason: 'ScalingReplicaSet', message: `Scaled up replica set to ${replicas}` });
    } else {
      scale(deployment, current, replicas);
      if ((current.status?.readyReplicas ?? 0) >= replicas) for (const set of old) scale(deployment, set, 0);
    }
  };

  const writeStatus = (deployment: Deployment) => {
    const sets = setsOf(deployment);
    const current = sets.find(
      ({ metadata }) => metadata.labels?.[HASH] === templateHash(deployment.spec?.template),
    );
    const sum = (field: 'replicas' | 'readyReplicas') =>
      sets.reduce((all, { status }) => all + (status?.[field] ?? 0), 0);
    const wanted = deployment.spec?.replicas ?? 1;
    const ready = sum('readyReplicas');
    const available = ready >= wanted;
    const condition = available
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        };
    const status = {
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sum('replicas'),
      updatedReplicas: current?.status?.replicas ?? 0,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(wanted - ready, 0),
      conditions: withCondition(deployment.status?.conditions, condition, registry.now()),
    };
    registry.setStatus(deployments, deployment, status, manager);
  };

  return {
    name: manager,
    reconcile() {
      for (const deployment of registry.list(deployments)) {
        if (!deployment.metadata.deletionTimestamp) reconcileDeployment(deployment);
        writeStatus(deployment);
      }
      return null;
    },
  };
}

function replicaSetOf(deployment: Deployment, hash: string): Draft {
  const { namespace, name } = deployment.metadata;
  const { template, selector, replicas } = deployment.spec ?? {};
  const labels = { ...template?.metadata?.labels, [HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  } as Draft;
}
