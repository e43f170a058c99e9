import type { Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Namespace, NetworkPolicy, ResourceQuota } from '../../../platform/kubernetes/kinds.js';
import type { DesiredProject } from './desired.js';
import { LABELS, MANAGED_BY } from './names.js';

/** The project's namespace. Pods in it must meet the `restricted` Pod Security Standard. */
export const namespaceOf = (project: DesiredProject): Intent<Namespace> => ({
  metadata: {
    name: project.key,
    labels: {
      [LABELS.managedBy]: MANAGED_BY,
      [LABELS.project]: project.id,
      'pod-security.kubernetes.io/enforce': 'restricted',
    },
  },
});

/** The second fence behind our own admission: the cluster gives the project no more GPUs than all its quotas together. */
export const quotaOf = (project: DesiredProject): Intent<ResourceQuota> => ({
  metadata: { name: 'fleetgraph', namespace: project.key, labels: { [LABELS.managedBy]: MANAGED_BY } },
  spec: { hard: { 'requests.nvidia.com/gpu': String(project.gpusNominal) } },
});

/** Pods may be reached from their own project only; what they may reach is left open. */
export const networkPolicyOf = (project: DesiredProject): Intent<NetworkPolicy> => ({
  metadata: { name: 'fleetgraph', namespace: project.key, labels: { [LABELS.managedBy]: MANAGED_BY } },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] },
});
