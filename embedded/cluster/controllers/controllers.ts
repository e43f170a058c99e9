import { createDeploymentController } from './deployment.controller.js';
import { createEventExpiry } from './eventExpiry.js';
import { createEventRecorder } from './eventRecorder.js';
import { createGarbageCollector } from './garbageCollector.js';
import { createJobController } from './job.controller.js';
import { createNamespaceController } from './namespace.controller.js';
import { createQuotaController } from './quota.controller.js';
import { createReplicaSetController } from './replicaSet.controller.js';
import { createStatefulSetController } from './statefulSet.controller.js';
import { createVolumeController } from './volume.controller.js';
import { createKubelets } from '../kubelet/kubelet.js';
import { createNodeAgents } from '../kubelet/nodeAgents.js';
import { createScheduler } from '../scheduler/scheduler.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';

/** Everything in the cluster that acts by itself. */
export function createControllers(registry: Registry): Controller[] {
  const recorder = (component: string) => createEventRecorder(registry, component);
  return [
    createNodeAgents(registry),
    createNamespaceController(registry),
    createGarbageCollector(registry),
    createVolumeController(registry),
    createStatefulSetController(registry, recorder('statefulset-controller')),
    createDeploymentController(registry, recorder('deployment-controller')),
    createReplicaSetController(registry, recorder('replicaset-controller')),
    createJobController(registry, recorder('job-controller')),
    createScheduler(registry, recorder('default-scheduler')),
    createKubelets(registry, recorder('kubelet')),
    createQuotaController(registry),
    createEventExpiry(registry),
  ];
}
