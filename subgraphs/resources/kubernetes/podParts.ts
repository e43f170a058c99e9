import type { KeyValue, SecretReference } from '../../../contracts/resources.events.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

type PodSpec = NonNullable<Pod['spec']>;

export const GPU = 'nvidia.com/gpu';
export const HOSTNAME = 'kubernetes.io/hostname';

/** What every pod of ours is: on GPU nodes, without rights in the cluster, as `restricted` pod security wants it. */
export const confinedPod = {
  tolerations: [{ key: GPU, operator: 'Exists', effect: 'NoSchedule' }],
  automountServiceAccountToken: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
} satisfies Partial<PodSpec>;

export const confinedContainer = {
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
} satisfies Partial<PodSpec['containers'][number]>;

/** Devices are never shared or overcommitted: a pod asks for what it may use. */
export const limitedTo = (resources: Record<string, string>) => ({
  requests: resources,
  limits: resources,
});

export const environmentOf = (env: readonly KeyValue[], secretRefs: readonly SecretReference[]) => [
  ...env.map(({ key, value }) => ({ name: key, value })),
  ...secretRefs.map(({ env: name, secret, key }) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  })),
];

export const toRecord = (pairs: readonly KeyValue[]): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
