import { isAtomicMap, isObject, isValueSet, itemKey, itemKeys } from './listKeys.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { JsonObject } from './listKeys.js';

/**
 * The fields that somebody set: the path of every leaf, as JSON of its steps. Steps are those of `fieldsV1`:
 * `f:name` a field, `k:{…}` the list item with that key, `v:…` a value of a set, `.` the item itself.
 */
export type FieldSet = ReadonlyMap<string, unknown>;

/** These belong to the API or name the object: nobody manages them. */
const unmanaged = {
  object: new Set(['apiVersion', 'kind', 'status']),
  metadata: new Set([
    'name',
    'generateName',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
  ]),
};

/** The leaves of an object, without its status, each with its value. */
export function fieldsOf(object: Partial<KubeObject>): FieldSet {
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(object)) {
    if (unmanaged.object.has(name)) continue;
    if (name !== 'metadata') collect(fields, [`f:${name}`], name, value);
    else if (isObject(value)) {
      for (const [field, inner] of Object.entries(value)) {
        if (!unmanaged.metadata.has(field)) collect(fields, ['f:metadata', `f:${field}`], field, inner);
      }
    }
  }
  return fields;
}

function collect(fields: Map<string, unknown>, path: readonly string[], field: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (isObject(value) && !isAtomicMap(field) && Object.keys(value).length > 0) {
    for (const [name, inner] of Object.entries(value)) collect(fields, [...path, `f:${name}`], name, inner);
    return;
  }
  if (Array.isArray(value) && isValueSet(field)) {
    for (const item of value) fields.set(JSON.stringify([...path, `v:${JSON.stringify(item)}`]), item);
    return;
  }
  const keys = Array.isArray(value) ? itemKeys(field, value) : null;
  if (!Array.isArray(value) || !keys) {
    fields.set(JSON.stringify(path), value);
    return;
  }
  for (const item of value) {
    const itemPath = [...path, `k:${itemKey(keys, item)}`];
    fields.set(JSON.stringify([...itemPath, '.']), true);
    for (const [name, inner] of Object.entries(item as JsonObject))
      collect(fields, [...itemPath, `f:${name}`], name, inner);
  }
}

/** The form in which Kubernetes shows a set of fields: nested objects, a leaf is an empty one. */
export function toFieldsV1(paths: Iterable<string>): JsonObject {
  const root: JsonObject = {};
  for (const path of paths) {
    let at = root;
    for (const step of JSON.parse(path) as string[]) at = (at[step] ??= {}) as JsonObject;
  }
  return root;
}

export function fromFieldsV1(fields: unknown, path: readonly string[] = []): string[] {
  const steps = isObject(fields) ? Object.entries(fields) : [];
  if (steps.length === 0) return path.length > 0 ? [JSON.stringify(path)] : [];
  return steps.flatMap(([step, inner]) => fromFieldsV1(inner, [...path, step]));
}

/** `.spec.template.spec.containers[name="main"].image`, as Kubernetes prints a path. */
export function printPath(path: string): string {
  return (JSON.parse(path) as string[])
    .map((step) => {
      const text = step.slice(2);
      if (step.startsWith('f:')) return `.${text}`;
      if (step.startsWith('v:')) return `[=${text}]`;
      if (!step.startsWith('k:')) return '';
      const keys = Object.entries(JSON.parse(text) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
