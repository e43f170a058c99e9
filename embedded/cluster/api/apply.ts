import { isDeepStrictEqual } from 'node:util';
import { applyConflict } from './apiError.js';
import { fieldsOf, printPath } from './fieldSet.js';
import { isAtomicMap, isObject, isValueSet, itemKey, itemKeys } from './listKeys.js';
import { readOwners, toManagedFields } from './managedFields.js';
import { seconds } from './time.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Cause } from './apiError.js';
import type { JsonObject } from './listKeys.js';
import type { ManagedFields, Owner } from './managedFields.js';

export type Application = { manager: string; force: boolean; now: Date };

/**
 * Server-side apply: the live object (`null` when there is none) with the applied fields made so, those that the
 * manager applied before and nobody else holds removed, and the owners as they are then. Throws a conflict when
 * another manager holds a field that would change, unless forced.
 */
export function applyTo(
  live: KubeObject | null,
  applied: KubeObject,
  { manager, force, now }: Application,
): { object: KubeObject; managedFields: ManagedFields } {
  const stated = fieldsOf(applied);
  const owners = live ? readOwners(live) : [];
  const mine = (owner: Owner) => owner.manager === manager && owner.operation === 'Apply';
  const others = owners.filter((owner) => !mine(owner));
  const current = live ? fieldsOf(live) : new Map<string, unknown>();

  const disputed = [...stated]
    .filter(([path, value]) => !isDeepStrictEqual(current.get(path), value))
    .map(([path]) => path);
  const conflicts = others.flatMap((owner) =>
    disputed.filter((path) => owner.paths.has(path)).map((path) => toCause(owner, path, applied)),
  );
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts);
  for (const { paths } of others) for (const path of disputed) paths.delete(path);

  const before = owners.find(mine)?.paths ?? new Set<string>();
  const dropped = [...before].filter(
    (path) => !stated.has(path) && !others.some(({ paths }) => paths.has(path)),
  );
  const object = structuredClone(live ?? applied) as KubeObject & JsonObject;
  for (const path of dropped) removeAt(object, JSON.parse(path) as string[]);

  const unchanged = live !== null && isDeepStrictEqual(before, new Set(stated.keys()));
  const time = unchanged ? (owners.find(mine)?.time ?? '') : seconds(now);
  const owner: Owner = { manager, operation: 'Apply', paths: new Set(stated.keys()), time };
  return {
    object: mergeObjects(object, applied) as KubeObject,
    managedFields: toManagedFields([...others, owner], applied.apiVersion),
  };
}

function toCause({ manager, operation }: Owner, path: string, { apiVersion }: KubeObject): Cause {
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return {
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}"${using}`,
    field: printPath(path),
  };
}

/** `status` is never applied here: it has its own door. */
function mergeObjects(live: JsonObject, applied: JsonObject): JsonObject {
  const merged = { ...live };
  for (const [field, value] of Object.entries(applied)) merged[field] = mergeField(field, live[field], value);
  return merged;
}

function mergeField(field: string, live: unknown, applied: unknown): unknown {
  if (isObject(live) && isObject(applied) && !isAtomicMap(field)) return mergeObjects(live, applied);
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  if (isValueSet(field)) return [...new Set([...(live as unknown[]), ...(applied as unknown[])])];
  const keys = itemKeys(field, applied);
  if (!keys) return applied;
  const items = new Map(live.map((item) => [itemKey(keys, item), item as unknown]));
  for (const item of applied) {
    const key = itemKey(keys, item);
    items.set(key, mergeField('', items.get(key), item));
  }
  return [...items.values()];
}

/** Removes a leaf, and the objects and lists that it leaves empty. */
function removeAt(container: JsonObject, [step, ...rest]: readonly string[]): void {
  if (!step) return;
  const field = step.slice(2);
  const inner = container[field];
  const [next] = rest;
  if (Array.isArray(inner) && next) {
    const kept = removeItem(field, inner as unknown[], next, rest.slice(1));
    if (kept.length > 0) container[field] = kept;
    else delete container[field];
  } else if (isObject(inner) && next) {
    removeAt(inner, rest);
    if (Object.keys(inner).length === 0) delete container[field];
  } else delete container[field];
}

function removeItem(field: string, items: unknown[], step: string, rest: readonly string[]): unknown[] {
  if (isValueSet(field)) return items.filter((item) => `v:${JSON.stringify(item)}` !== step);
  const keys = itemKeys(field, items) ?? [];
  const isIt = (item: unknown) => `k:${itemKey(keys, item)}` === step;
  if (rest[0] === '.') return items.filter((item) => !isIt(item));
  for (const item of items.filter(isIt)) if (isObject(item)) removeAt(item, rest);
  return items;
}
