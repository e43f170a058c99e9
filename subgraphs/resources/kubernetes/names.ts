/** Our names in the cluster. Deterministic, so that a repeat meets the object that the first try made. */
export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  instance: 'fleetgraph.dev/instance',
  /** The job's id and its attempt, on every pod of a job: its log is found by them. */
  job: 'fleetgraph.dev/job',
  attempt: 'fleetgraph.dev/attempt',
  deployment: 'fleetgraph.dev/deployment',
  workload: 'fleetgraph.dev/workload',
  /** Which of a deployment's shares: those on one node. */
  share: 'fleetgraph.dev/share',
  project: 'fleetgraph.dev/project',
} as const;

export const ANNOTATIONS = {
  /** The term of the leader that wrote the object last. */
  term: 'fleetgraph.dev/term',
} as const;

export const MANAGED_BY = 'fleetgraph';

/** Selects everything that Fleetgraph has put into a cluster. */
export const MANAGED_SELECTOR = `${LABELS.managedBy}=${MANAGED_BY}`;

/** An id as a DNS label: `instance_01J…` becomes `instance-01j…`. */
export const objectName = (id: string): string => id.toLowerCase().replaceAll('_', '-');

/** The one pod of an instance's StatefulSet. */
export const podName = (instanceId: string): string => `${objectName(instanceId)}-0`;

/** The Service of one named port of an instance. Service names have at most 63 characters. */
export const serviceName = (instanceId: string, port: string): string =>
  `${objectName(instanceId)}-${port}`.slice(0, 63);

/** Where a port of an instance is reached inside the cluster. */
export const serviceUrl = (
  projectKey: string,
  instanceId: string,
  port: { name: string; port: number },
): string => `http://${serviceName(instanceId, port.name)}.${projectKey}.svc:${port.port}`;
