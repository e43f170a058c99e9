/** A JSON value that is an object. */
export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How the items of a list are told apart when it is merged; lists that are not here are replaced as a whole. */
const keysByField: Record<string, readonly string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  volumeMounts: ['mountPath'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  taints: ['key', 'effect'],
};

/** Maps that are replaced as a whole. */
const atomicMaps = new Set([
  'selector',
  'nodeSelector',
  'nodeAffinity',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
]);

/** Lists of plain values in which every value counts by itself. */
export const isValueSet = (field: string) => field === 'finalizers';

export const isAtomicMap = (field: string) => atomicMaps.has(field);

/** The fields that tell the items of this list apart; `null` when the list is atomic. */
export function itemKeys(field: string, items: readonly unknown[]): readonly string[] | null {
  const first = items[0];
  if (field === 'ports' && isObject(first)) {
    if ('containerPort' in first) return ['containerPort', 'protocol'];
    return 'port' in first && typeof first['port'] === 'number' ? ['port', 'protocol'] : null;
  }
  return keysByField[field] ?? null;
}

/** The text by which an item is known: its key fields as JSON, in the order of their names. */
export function itemKey(keys: readonly string[], item: unknown): string {
  const fields = isObject(item) ? item : {};
  return JSON.stringify(
    Object.fromEntries(
      [...keys].sort().map((key) => [key, fields[key] ?? (key === 'protocol' ? 'TCP' : null)]),
    ),
  );
}
