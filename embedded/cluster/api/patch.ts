import { badRequest, unknownFormat } from './apiError.js';
import { isObject, itemKey, itemKeys } from './listKeys.js';

/** The object after a JSON merge patch or a strategic merge patch, by the content type of the patch. */
export function patched(object: object, patch: unknown, contentType: string): object {
  if (!isObject(patch)) throw badRequest('the patch is no JSON object');
  switch (contentType) {
    case 'application/merge-patch+json':
      return mergePatch(object, patch, false) as object;
    case 'application/strategic-merge-patch+json':
      return mergePatch(object, patch, true) as object;
    default:
      throw unknownFormat(contentType);
  }
}

/** RFC 7386. A strategic patch also merges lists whose items have keys, and knows `$patch: delete`. */
function mergePatch(value: unknown, patch: unknown, strategic: boolean, field = ''): unknown {
  if (strategic && Array.isArray(patch)) return mergeList(Array.isArray(value) ? value : [], patch, field);
  if (!isObject(patch)) return patch;
  const merged = isObject(value) ? { ...value } : {};
  for (const [name, inner] of Object.entries(patch)) {
    if (inner === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], inner, strategic, name);
  }
  return merged;
}

function mergeList(items: readonly unknown[], patch: readonly unknown[], field: string): unknown[] {
  const keys = itemKeys(field, patch);
  if (!keys) return [...patch];
  const byKey = new Map(items.map((item) => [itemKey(keys, item), item]));
  for (const item of patch) {
    const key = itemKey(keys, item);
    if (isObject(item) && item['$patch'] === 'delete') byKey.delete(key);
    else byKey.set(key, mergePatch(byKey.get(key), item, true));
  }
  return [...byKey.values()];
}
