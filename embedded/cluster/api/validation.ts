import { isDeepStrictEqual } from 'node:util';
import { deployments, jobs, namespaces, nodes, pods, services, statefulSets } from '../resources.js';
import type {
  Deployment,
  Job,
  KubeObject,
  Pod,
  Service,
  StatefulSet,
} from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';

export type Fault = { field: string; message: string };
type PodSpec = Pod['spec'];

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;

/** What the API refuses about an object by itself: the part of its rules that a wrong client runs into. */
export function validate(resource: Resource, object: KubeObject): Fault[] {
  const { name, labels = {} } = object.metadata;
  const needsLabel = resource.plural === namespaces.plural || resource.plural === services.plural;
  return [
    ...fault(
      !(needsLabel ? DNS_LABEL : DNS_SUBDOMAIN).test(name),
      'metadata.name',
      `Invalid value: "${name}": must be a lowercase RFC 1123 ${needsLabel ? 'label' : 'subdomain'}`,
    ),
    ...Object.entries(labels).flatMap(([key, value]) =>
      fault(
        !LABEL_VALUE.test(value),
        'metadata.labels',
        `Invalid value: "${value}": of label ${key} is not a valid label value`,
      ),
    ),
    ...(ruleByPlural[resource.plural]?.(object as never) ?? []),
  ];
}

const ruleByPlural: Record<string, (object: never) => Fault[]> = {
  [pods.plural]: ({ spec }: Pod) => podFaults(spec, 'spec'),
  [services.plural]: ({ spec }: Service) => [
    ...fault(!spec?.ports?.length && spec?.clusterIP !== 'None', 'spec.ports', 'Required value'),
    ...fault(
      (spec?.ports?.length ?? 0) > 1 && spec?.ports?.some(({ name }) => !name),
      'spec.ports[0].name',
      'Required value',
    ),
  ],
  [statefulSets.plural]: (set: StatefulSet) => workloadFaults(set, 'Always'),
  [deployments.plural]: (deployment: Deployment) => workloadFaults(deployment, 'Always'),
  [jobs.plural]: ({ spec }: Job) => [
    ...podFaults(spec?.template.spec, 'spec.template.spec'),
    ...fault(
      !['Never', 'OnFailure'].includes(spec?.template.spec?.restartPolicy ?? ''),
      'spec.template.spec.restartPolicy',
      `Required value: valid values: "OnFailure", "Never"`,
    ),
  ],
};

function workloadFaults({ spec }: Deployment | StatefulSet, restartPolicy: string): Fault[] {
  const labels = spec?.template?.metadata?.labels ?? {};
  const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
  return [
    ...fault(wanted.length === 0, 'spec.selector', 'Required value'),
    ...fault(
      wanted.some(([key, value]) => labels[key] !== value),
      'spec.template.metadata.labels',
      `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
    ),
    ...fault(
      (spec?.replicas ?? 0) < 0,
      'spec.replicas',
      `Invalid value: ${spec?.replicas}: must be greater than or equal to 0`,
    ),
    ...fault(
      spec?.template?.spec?.restartPolicy !== restartPolicy,
      'spec.template.spec.restartPolicy',
      `Unsupported value: "${spec?.template?.spec?.restartPolicy}": supported values: "${restartPolicy}"`,
    ),
    ...podFaults(spec?.template?.spec, 'spec.template.spec'),
  ];
}

function podFaults(spec: PodSpec, path: string): Fault[] {
  const containers = spec?.containers ?? [];
  const names = containers.map(({ name }) => name);
  return [
    ...fault(containers.length === 0, `${path}.containers`, 'Required value'),
    ...containers.flatMap(({ name, image, resources, env = [] }, index) => [
      ...fault(
        !DNS_LABEL.test(name ?? ''),
        `${path}.containers[${index}].name`,
        `Invalid value: "${name}": must be a lowercase RFC 1123 label`,
      ),
      ...fault(!image, `${path}.containers[${index}].image`, 'Required value'),
      ...fault(
        names.indexOf(name) !== index,
        `${path}.containers[${index}].name`,
        `Duplicate value: "${name}"`,
      ),
      ...fault(
        extendedDiffer(resources?.requests, resources?.limits),
        `${path}.containers[${index}].resources.requests`,
        'Invalid value: must be equal to the limit of an extended resource',
      ),
      ...env.flatMap((variable, at) =>
        fault(!variable.name, `${path}.containers[${index}].env[${at}].name`, 'Required value'),
      ),
    ]),
  ];
}

/** Extended resources such as GPUs cannot be overcommitted: request and limit are the same. */
function extendedDiffer(requests: Record<string, string> = {}, limits: Record<string, string> = {}): boolean {
  const extended = Object.keys({ ...requests, ...limits }).filter((name) => name.includes('/'));
  return extended.some((name) => String(requests[name]) !== String(limits[name]));
}

/** What may not change after creation. */
export function immutableFaults(resource: Resource, current: KubeObject, next: KubeObject): Fault[] {
  const mutable = mutableByPlural[resource.plural];
  if (!mutable) return [];
  const [before, after] = [current, next].map((object) =>
    fixedPart((object as { spec?: object }).spec ?? {}, mutable),
  );
  if (isDeepStrictEqual(before, after)) return [];
  return fault(
    true,
    'spec',
    `Forbidden: updates to ${resource.plural} spec for fields other than ${mutable.map((field) => `'${field}'`).join(', ')} are forbidden`,
  );
}

const mutableByPlural: Record<string, readonly string[]> = {
  [pods.plural]: ['nodeName', 'activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations'],
  [statefulSets.plural]: [
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ],
  [jobs.plural]: [
    'parallelism',
    'activeDeadlineSeconds',
    'backoffLimit',
    'suspend',
    'ttlSecondsAfterFinished',
  ],
  [nodes.plural]: ['unschedulable', 'taints', 'podCIDR', 'podCIDRs', 'providerID', 'configSource'],
};

const fixedPart = (spec: object, mutable: readonly string[]) =>
  Object.fromEntries(
    Object.entries(spec).filter(([field, value]) => !mutable.includes(field) && value !== undefined),
  );

const fault = (isFault: boolean | undefined, field: string, message: string): Fault[] =>
  isFault ? [{ field, message }] : [];
