import type { Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Pod, Service, StatefulSet } from '../../../platform/kubernetes/kinds.js';
import type { DesiredInstance } from './desired.js';
import { LABELS, MANAGED_BY, objectName, serviceName } from './names.js';
import type { GpuResource } from './node.devices.js';
import { confinedContainer, confinedPod, environmentOf, HOSTNAME, limitedTo, toRecord } from './podParts.js';

const VOLUME_SIZE = '10Gi';

/**
 * A StatefulSet of one pod, pinned to the node that its allocation chose. Stopping scales it to 0, which keeps its volume
 * and its identity; starting scales it to 1, on the node of the new allocation.
 */
export function statefulSetOf(instance: DesiredInstance, gpuResource: GpuResource): Intent<StatefulSet> {
  const name = objectName(instance.id);
  const selector = { [LABELS.instance]: instance.id };
  return {
    metadata: { name, namespace: instance.projectKey, labels: labelsOf(instance) },
    spec: {
      serviceName: name,
      replicas: instance.presence === 'RUNNING' ? 1 : 0,
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels: { ...toRecord(instance.spec.labels), ...labelsOf(instance) },
          annotations: toRecord(instance.spec.annotations),
        },
        spec: podSpecOf(instance, gpuResource(instance.gpuModelId, instance.nodeName)),
      },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'home', labels: labelsOf(instance) },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: VOLUME_SIZE } } },
        },
      ],
    },
  };
}

/** One Service per named port. */
export const servicesOf = (instance: DesiredInstance): Intent<Service>[] =>
  instance.spec.ports.map(({ name, port }) => ({
    metadata: {
      name: serviceName(instance.id, name),
      namespace: instance.projectKey,
      labels: labelsOf(instance),
    },
    spec: {
      selector: { [LABELS.instance]: instance.id },
      ports: [{ name, port, targetPort: port, protocol: 'TCP' }],
    },
  }));

function podSpecOf(instance: DesiredInstance, gpuResource: string): NonNullable<Pod['spec']> {
  const { nodeName, spec } = instance;
  const { cpuMillis, memoryMiB } = spec;
  const resources = {
    [gpuResource]: String(spec.gpu.count),
    ...(cpuMillis !== null && { cpu: cpuQuantity(cpuMillis) }),
    ...(memoryMiB !== null && { memory: memoryQuantity(memoryMiB) }),
  };
  return {
    ...confinedPod,
    ...(nodeName !== null && { nodeSelector: { [HOSTNAME]: nodeName } }),
    containers: [
      {
        ...confinedContainer,
        name: 'main',
        image: spec.image,
        env: environmentOf(spec.env, spec.secretRefs),
        ports: spec.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
        resources: limitedTo(resources),
        volumeMounts: [{ name: 'home', mountPath: '/home/fleetgraph' }],
      },
    ],
  };
}

const labelsOf = (instance: DesiredInstance) => ({
  [LABELS.managedBy]: MANAGED_BY,
  [LABELS.name]: 'instance',
  [LABELS.instance]: instance.id,
  [LABELS.project]: instance.projectId,
});

// Quantities in the form in which the API returns them: what we compare must not differ in writing alone.
const cpuQuantity = (millis: number) => (millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`);
const memoryQuantity = (mebibytes: number) =>
  mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
