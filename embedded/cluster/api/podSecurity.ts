import { forbidden } from './apiError.js';
import { namespaces, pods } from '../resources.js';
import type { KubeObject, Pod } from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';
import type { Store } from '../store/store.js';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

/** Refuses a pod that the `restricted` standard of its namespace does not allow. Other levels are not looked at. */
export function checkPodSecurity(store: Pick<Store, 'get'>, resource: Resource, object: KubeObject): void {
  const { namespace = '', name } = object.metadata;
  if (resource.plural !== pods.plural) return;
  const labels = store.get(namespaces, undefined, namespace)?.metadata.labels ?? {};
  if (labels['pod-security.kubernetes.io/enforce'] !== 'restricted') return;
  const violations = restrictedViolations((object as Pod).spec ?? { containers: [] });
  if (violations.length === 0) return;
  throw forbidden(resource, name, `violates PodSecurity "restricted:latest": ${violations.join(', ')}`);
}

function restrictedViolations(spec: PodSpec): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const each = (rule: string, breaks: (container: Container) => boolean, wanted: string) => {
    const names = containers.filter(breaks).map(({ name }) => `"${name}"`);
    if (names.length === 0) return [];
    return [`${rule} (container${names.length > 1 ? 's' : ''} ${names.join(', ')} must ${wanted})`];
  };
  const ofPod = spec.securityContext ?? {};
  return [
    ...(spec.hostNetwork || spec.hostPID || spec.hostIPC ? ['host namespaces'] : []),
    ...(spec.volumes?.some(({ hostPath }) => hostPath) ? ['hostPath volumes'] : []),
    ...each(
      'privileged',
      ({ securityContext }) => securityContext?.privileged === true,
      'not set securityContext.privileged=true',
    ),
    ...each(
      'allowPrivilegeEscalation != false',
      ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
      'set securityContext.allowPrivilegeEscalation=false',
    ),
    ...each(
      'unrestricted capabilities',
      ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
      'set securityContext.capabilities.drop=["ALL"]',
    ),
    ...each(
      'runAsNonRoot != true',
      ({ securityContext }) => (securityContext?.runAsNonRoot ?? ofPod.runAsNonRoot) !== true,
      'set securityContext.runAsNonRoot=true',
    ),
    ...each(
      'seccompProfile',
      ({ securityContext }) =>
        !['RuntimeDefault', 'Localhost'].includes(
          (securityContext?.seccompProfile ?? ofPod.seccompProfile)?.type ?? '',
        ),
      'set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
    ),
  ];
}
