import { findGpuModel } from '../../../contracts/gpuCatalogue.js';
import type { InstanceSpec, KeyValue } from '../../../contracts/resources.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';

/** A request for an instance, with every field that the caller left out filled in. */
export type InstanceRequest = { projectId: string; name: string; spec: InstanceSpec };

/** What a caller may leave out is null or undefined. */
export type RawInstanceRequest = {
  projectId: string;
  name: string;
  image: string;
  gpu: { modelIn: string[]; count: number };
  cpuMillis?: number | null;
  memoryMiB?: number | null;
  ports?: { name: string; port: number }[] | null;
  env?: KeyValue[] | null;
  secretRefs?: { env: string; secret: string; key: string }[] | null;
  labels?: KeyValue[] | null;
  annotations?: KeyValue[] | null;
};

/** What Kubernetes takes for a label's or annotation's key, a label's value, and an environment variable. */
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Labels and annotations that Fleetgraph sets itself. */
const RESERVED = /^(fleetgraph\.dev|app\.kubernetes\.io)\//;

/**
 * Fills in what was left out, and refuses what single fields cannot say: models that nobody knows, and keys that occur
 * twice or are ours. `path` leads to the request in the caller's input.
 */
export function readInstanceRequest(raw: RawInstanceRequest, path: readonly string[]): InstanceRequest {
  const { modelIn, count } = raw.gpu;
  const spec: InstanceSpec = {
    image: raw.image,
    gpu: { modelIn: [...modelIn], count },
    cpuMillis: raw.cpuMillis ?? null,
    memoryMiB: raw.memoryMiB ?? null,
    ports: (raw.ports ?? []).map(({ name, port }) => ({ name, port })),
    env: keyValues(raw.env),
    secretRefs: (raw.secretRefs ?? []).map(({ env, secret, key }) => ({ env, secret, key })),
    labels: keyValues(raw.labels),
    annotations: keyValues(raw.annotations),
  };
  const faults = faultsOf(spec).map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  if (faults.length > 0) throw badUserInput(faults);
  return { projectId: raw.projectId, name: raw.name, spec };
}

const keyValues = (list: readonly KeyValue[] | null | undefined): KeyValue[] =>
  (list ?? []).map(({ key, value }) => ({ key, value }));

function faultsOf({ gpu, ports, env, secretRefs, labels, annotations }: InstanceSpec): InputFault[] {
  const environment = [...env.map(({ key }) => key), ...secretRefs.map((reference) => reference.env)];
  return [
    ...gpu.modelIn.flatMap((id, index) =>
      findGpuModel(id)
        ? []
        : [{ path: ['gpu', 'modelIn', index], message: `${id} is no model of the catalogue` }],
    ),
    ...repeated(gpu.modelIn, ['gpu', 'modelIn']),
    ...repeated(
      ports.map(({ name }) => name),
      ['ports'],
      'name',
    ),
    ...repeated(
      ports.map(({ port }) => String(port)),
      ['ports'],
      'port',
    ),
    ...repeated(
      env.map(({ key }) => key),
      ['env'],
      'key',
    ),
    ...repeated(environment, ['secretRefs'], 'env', env.length),
    ...repeated(
      labels.map(({ key }) => key),
      ['labels'],
      'key',
    ),
    ...repeated(
      annotations.map(({ key }) => key),
      ['annotations'],
      'key',
    ),
    ...unlike(VARIABLE, env, ['env', 'key']),
    ...unlike(QUALIFIED_NAME, labels, ['labels', 'key']),
    ...unlike(LABEL_VALUE, labels, ['labels', 'value']),
    ...unlike(QUALIFIED_NAME, annotations, ['annotations', 'key']),
    ...reserved(labels, 'labels'),
    ...reserved(annotations, 'annotations'),
  ];
}

/** A fault for each value that stood before. `from` leaves out values that belong to another list. */
function repeated(
  values: readonly string[],
  path: readonly string[],
  field?: string,
  from = 0,
): InputFault[] {
  return values.flatMap((value, index) => {
    if (index < from || values.indexOf(value) === index) return [];
    const place = [...path, index - from, ...(field === undefined ? [] : [field])];
    return [{ path: place, message: `${value} occurs twice` }];
  });
}

const reserved = (list: readonly KeyValue[], field: string): InputFault[] =>
  list.flatMap(({ key }, index) =>
    RESERVED.test(key) ? [{ path: [field, index, 'key'], message: `${key} is set by Fleetgraph` }] : [],
  );

/** A fault for each key or value that Kubernetes would not take. */
const unlike = (
  pattern: RegExp,
  list: readonly KeyValue[],
  [field, part]: readonly [string, 'key' | 'value'],
): InputFault[] =>
  list.flatMap((entry, index) =>
    pattern.test(entry[part])
      ? []
      : [{ path: [field, index, part], message: `must match ${pattern.source}` }],
  );
