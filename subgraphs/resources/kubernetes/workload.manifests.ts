import type { Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Deployment, Job, Pod, Service } from '../../../platform/kubernetes/kinds.js';
import type { DesiredShare, DesiredWorkload } from './desired.js';
import { LABELS, MANAGED_BY, objectName } from './names.js';
import type { GpuResource } from './node.devices.js';
import { confinedContainer, confinedPod, environmentOf, HOSTNAME, limitedTo, toRecord } from './podParts.js';

export type DesiredJob = DesiredWorkload & { kind: 'JOB' };
export type DesiredDeployment = DesiredWorkload & { kind: 'DEPLOYMENT' };

/** Each attempt is a Job of its own. */
export const jobName = ({ ownerId, attempt }: DesiredWorkload): string => `${objectName(ownerId)}-${attempt}`;

export const podsOf = ({ shares }: DesiredWorkload): number =>
  shares.reduce((sum, { pods }) => sum + pods, 0);

/**
 * All pods at once, each once: the cluster starts none again, because what becomes of a job that failed is decided in
 * its queue. Several pods know each other apart by JOB_COMPLETION_INDEX.
 */
export function jobOf(workload: DesiredJob, gpuResource: GpuResource): Intent<Job> {
  const pods = podsOf(workload);
  const { spec, maxRuntimeSeconds, gpuModelId } = workload;
  const [share] = workload.shares;
  const gpu = gpuResource(gpuModelId, share?.nodeName ?? null);
  const labels = labelsOf(workload);
  return {
    metadata: { name: jobName(workload), namespace: workload.projectKey, labels },
    spec: {
      completionMode: pods > 1 ? 'Indexed' : 'NonIndexed',
      completions: pods,
      parallelism: pods,
      suspend: false,
      backoffLimit: 0,
      activeDeadlineSeconds: maxRuntimeSeconds,
      template: {
        metadata: {
          labels: { ...toRecord(spec.labels), ...labels },
          annotations: toRecord(spec.annotations),
        },
        spec: {
          ...confinedPod,
          ...placementOf(workload),
          restartPolicy: 'Never',
          containers: [
            {
              ...confinedContainer,
              name: 'main',
              image: spec.image,
              ...(spec.command.length > 0 && { command: spec.command }),
              env: environmentOf(spec.env, spec.secretRefs),
              resources: limitedTo({ [gpu]: String(share?.gpusPerPod ?? 0) }),
            },
          ],
        },
      },
    },
  };
}

/** Made, and not woken yet. */
export const isAsleep = ({ spec }: Job): boolean => spec?.suspend === true;

/** A single pod is pinned to its node. Those of a gang run on the nodes that have devices for them, one on each. */
function placementOf({ id, shares }: DesiredJob): Partial<NonNullable<Pod['spec']>> {
  const nodeNames = shares.map(({ nodeName }) => nodeName);
  const [only, ...others] = nodeNames;
  if (only !== undefined && others.length === 0) return { nodeSelector: { [HOSTNAME]: only } };
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: nodeNames }] }],
        },
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { [LABELS.workload]: id } }, topologyKey: HOSTNAME },
        ],
      },
    },
  };
}

/** In the order of its shares. */
export function deploymentNames({ ownerId, shares }: DesiredDeployment): string[] {
  const name = objectName(ownerId);
  return shares.length === 1 ? [name] : shares.map((_, index) => `${name}-${index}`);
}

/** One Deployment for each node, so that every replica runs where its devices are. */
export const deploymentsOf = (workload: DesiredDeployment, gpuResource: GpuResource): Intent<Deployment>[] =>
  workload.shares.map((share, index) => {
    const gpus = { [gpuResource(workload.gpuModelId, share.nodeName)]: String(share.gpusPerPod) };
    return deploymentOf(workload, { ...share, gpus }, index);
  });

function deploymentOf(
  workload: DesiredDeployment,
  share: DesiredShare & { gpus: Record<string, string> },
  index: number,
): Intent<Deployment> {
  const { spec } = workload;
  const labels = { ...labelsOf(workload), [LABELS.share]: String(index) };
  return {
    metadata: { name: deploymentNames(workload)[index] ?? '', namespace: workload.projectKey, labels },
    spec: {
      replicas: share.pods,
      // A second pod beside the one that it replaces would need devices that nobody gave.
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { [LABELS.workload]: workload.id, [LABELS.share]: String(index) } },
      template: {
        metadata: { labels },
        spec: {
          ...confinedPod,
          nodeSelector: { [HOSTNAME]: share.nodeName },
          containers: [
            {
              ...confinedContainer,
              name: 'main',
              image: spec.image,
              env: [
                { name: 'MODEL_URI', value: spec.model.uri },
                { name: 'MODEL_DIGEST', value: spec.model.digest },
              ],
              ports: [{ name: 'http', containerPort: spec.port, protocol: 'TCP' }],
              readinessProbe: { tcpSocket: { port: spec.port } },
              resources: limitedTo(share.gpus),
            },
          ],
        },
      },
    },
  };
}

/** One Service for all replicas. */
export const serviceOf = (workload: DesiredDeployment): Intent<Service> => ({
  metadata: {
    name: objectName(workload.ownerId),
    namespace: workload.projectKey,
    labels: labelsOf(workload),
  },
  spec: {
    selector: { [LABELS.workload]: workload.id },
    ports: [{ name: 'http', port: workload.spec.port, targetPort: workload.spec.port, protocol: 'TCP' }],
  },
});

const labelsOf = (workload: DesiredWorkload): Record<string, string> => ({
  [LABELS.managedBy]: MANAGED_BY,
  [LABELS.name]: workload.kind === 'JOB' ? 'job' : 'deployment',
  [LABELS.workload]: workload.id,
  [LABELS.project]: workload.projectId,
  ...(workload.kind === 'JOB'
    ? { [LABELS.job]: workload.ownerId, [LABELS.attempt]: String(workload.attempt) }
    : { [LABELS.deployment]: workload.ownerId }),
});
