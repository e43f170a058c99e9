import type { InputFault } from '../errors.js';

export type KeyValue = { key: string; value: string };
/** A value that a pod reads from a Secret of its namespace. */
export type SecretReference = { env: string; secret: string; key: string };

/** What a caller says about pods. */
export type PodSettings = {
  env: KeyValue[];
  secretRefs: SecretReference[];
  labels: KeyValue[];
  annotations: KeyValue[];
};

/** What a caller may leave out is null or undefined. */
export type RawPodSettings = { [Name in keyof PodSettings]?: PodSettings[Name] | null };

/** What Kubernetes takes for an environment variable, a label's or annotation's key, and a label's value. */
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Labels and annotations that Fleetgraph sets itself. */
const RESERVED = /^(fleetgraph\.dev|app\.kubernetes\.io)\//;

/** Fills in what was left out. */
export const readPodSettings = ({ env, secretRefs, labels, annotations }: RawPodSettings): PodSettings => ({
  env: keyValues(env),
  secretRefs: (secretRefs ?? []).map((reference) => ({
    env: reference.env,
    secret: reference.secret,
    key: reference.key,
  })),
  labels: keyValues(labels),
  annotations: keyValues(annotations),
});

const keyValues = (list: readonly KeyValue[] | null | undefined): KeyValue[] =>
  (list ?? []).map(({ key, value }) => ({ key, value }));

/** What single fields cannot say: keys that Kubernetes would not take, that occur twice, or that are ours. */
export function podSettingsFaults({ env, secretRefs, labels, annotations }: PodSettings): InputFault[] {
  const keysOf = (list: readonly KeyValue[]) => list.map(({ key }) => key);
  const variables = [...keysOf(env), ...secretRefs.map((reference) => reference.env)];
  return [
    ...repeated(keysOf(env), ['env'], 'key'),
    ...repeated(variables, ['secretRefs'], 'env', env.length),
    ...repeated(keysOf(labels), ['labels'], 'key'),
    ...repeated(keysOf(annotations), ['annotations'], 'key'),
    ...unlike(VARIABLE, env, ['env', 'key']),
    ...unlike(QUALIFIED_NAME, labels, ['labels', 'key']),
    ...unlike(LABEL_VALUE, labels, ['labels', 'value']),
    ...unlike(QUALIFIED_NAME, annotations, ['annotations', 'key']),
    ...reserved(labels, 'labels'),
    ...reserved(annotations, 'annotations'),
  ];
}

/** A fault for each value that stood before. `from` leaves out values that belong to another list. */
export function repeated(
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
