import { isDeepStrictEqual } from 'node:util';
import { fieldsOf, fromFieldsV1, toFieldsV1 } from './fieldSet.js';
import { seconds } from './time.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

export type ManagedFields = NonNullable<KubeObject['metadata']['managedFields']>;

export type Owner = { manager: string; operation: 'Apply' | 'Update'; paths: Set<string>; time: string };

export const readOwners = (object: KubeObject): Owner[] =>
  (object.metadata.managedFields ?? []).map(({ manager = '', operation, fieldsV1, time = '' }) => ({
    manager,
    operation: operation === 'Apply' ? 'Apply' : 'Update',
    paths: new Set(fromFieldsV1(fieldsV1)),
    time,
  }));

/** Owners of nothing are left out. */
export const toManagedFields = (owners: readonly Owner[], apiVersion: string): ManagedFields =>
  owners
    .filter(({ paths }) => paths.size > 0)
    .map(({ manager, operation, paths, time }) => ({
      manager,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(paths),
    }));

/**
 * The object with its owners brought up to date after `manager` changed it from `current` by create, replace or
 * patch: who changes a field owns it, and nobody else does.
 */
export function recordUpdate<T extends KubeObject>(
  current: KubeObject | null,
  next: T,
  manager: string,
  now: Date,
): T {
  const before = current ? fieldsOf(current) : new Map<string, unknown>();
  const after = fieldsOf(next);
  const changed = [...after]
    .filter(([path, value]) => !before.has(path) || !isDeepStrictEqual(before.get(path), value))
    .map(([path]) => path);
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const owners = current ? readOwners(current) : [];
  for (const { paths } of owners) for (const path of [...changed, ...removed]) paths.delete(path);
  const known = owners.find((owner) => owner.manager === manager && owner.operation === 'Update');
  const owner = known ?? { manager, operation: 'Update' as const, paths: new Set<string>(), time: '' };
  if (!known) owners.push(owner);
  if (changed.length > 0) owner.time = seconds(now);
  for (const path of changed) owner.paths.add(path);
  return { ...next, metadata: { ...next.metadata, managedFields: toManagedFields(owners, next.apiVersion) } };
}
