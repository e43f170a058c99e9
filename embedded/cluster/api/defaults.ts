import { createHash } from 'node:crypto';
import {
  deployments,
  jobs,
  namespaces,
  pods,
  replicaSets,
  services,
  statefulSets,
  volumeClaims,
} from '../resources.js';
import type {
  Deployment,
  Job,
  KubeObject,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

/** The object with the defaults of the API that others may rely on. */
export function withDefaults<T extends KubeObject>(resource: Resource<T>, object: T): T {
  const complete = defaultsByPlural[resource.plural];
  return complete ? (complete(object as never) as T) : object;
}

const defaultsByPlural: Record<string, (object: never) => KubeObject> = {
  [namespaces.plural]: (namespace: Namespace): Namespace => ({
    ...namespace,
    spec: { finalizers: ['kubernetes'], ...namespace.spec },
    metadata: {
      ...namespace.metadata,
      labels: { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name },
    },
  }),
  [pods.plural]: (pod: Pod): Pod => ({ ...pod, ...(pod.spec && { spec: podSpec(pod.spec, 'Always') }) }),
  [services.plural]: (service: Service): Service => ({
    ...service,
    spec: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      clusterIP: service.spec?.clusterIP ?? addressOf(service.metadata.uid),
      ...service.spec,
      ...(service.spec?.ports && {
        ports: service.spec.ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
      }),
    },
  }),
  [statefulSets.plural]: (set: StatefulSet): StatefulSet => ({
    ...set,
    ...(set.spec && {
      spec: {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        ...set.spec,
        template: template(set.spec.template, 'Always'),
      },
    }),
  }),
  [deployments.plural]: (deployment: Deployment): Deployment => ({
    ...deployment,
    ...(deployment.spec && {
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        ...deployment.spec,
        template: template(deployment.spec.template, 'Always'),
      },
    }),
  }),
  [replicaSets.plural]: (set: ReplicaSet): ReplicaSet => ({
    ...set,
    ...(set.spec && {
      spec: {
        replicas: 1,
        ...set.spec,
        ...(set.spec.template && { template: template(set.spec.template, 'Always') }),
      },
    }),
  }),
  [jobs.plural]: (job: Job): Job => ({ ...job, ...(job.spec && { spec: jobSpec(job) }) }),
  [volumeClaims.plural]: (claim: PersistentVolumeClaim): PersistentVolumeClaim => ({
    ...claim,
    spec: { volumeMode: 'Filesystem', ...claim.spec },
  }),
};

type Template = { metadata?: object; spec?: PodSpec };

const template = <T extends Template>(podTemplate: T, restartPolicy: string): T => ({
  ...podTemplate,
  ...(podTemplate?.spec && { spec: podSpec(podTemplate.spec, restartPolicy) }),
});

const podSpec = (spec: PodSpec, restartPolicy: string): PodSpec => ({
  restartPolicy,
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  securityContext: {},
  ...spec,
  ...(spec.containers && { containers: spec.containers.map(container) }),
});

/** What is limited and not requested is requested as much. */
function container(each: Container): Container {
  const limits = each.resources?.limits;
  const requests = { ...limits, ...each.resources?.requests };
  return {
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    ...each,
    resources: { ...each.resources, ...(Object.keys(requests).length > 0 && { requests }) },
    ...(each.ports && { ports: each.ports.map((port) => ({ protocol: 'TCP', ...port })) }),
  };
}

/** A job finds its pods by labels that it gives them itself. */
function jobSpec({ metadata, spec }: Job): NonNullable<Job['spec']> {
  const labels = {
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
  };
  const given = spec ?? { template: {} };
  const podTemplate = template(given.template, 'Always');
  return {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
    ...given,
    template: {
      ...podTemplate,
      metadata: { ...podTemplate.metadata, labels: { ...podTemplate.metadata?.labels, ...labels } },
    },
  };
}

/** An address in the services' range. Nobody listens there: it only looks like one. */
function addressOf(uid: string): string {
  const [high = 0, low = 0] = createHash('sha256').update(uid).digest();
  return `10.96.${high}.${low}`;
}
