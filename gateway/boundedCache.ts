export type BoundedCache<Value> = ReturnType<typeof createBoundedCache<Value>>;

/** Remembers the values used most recently, up to a total weight. */
export function createBoundedCache<Value>(weightMax: number) {
  // A Map iterates in the order of insertion, so its first key is the one that was used longest ago.
  const entries = new Map<string, { value: Value; weight: number }>();
  let total = 0;

  function remove(key: string): void {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  }

  return {
    get(key: string): Value | undefined {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key: string, value: Value, weight: number): void {
      remove(key);
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= weightMax) return;
        remove(oldest);
      }
    },
    delete: remove,
    /** Those used last come last. Looking is no use. */
    entries: (): (readonly [key: string, value: Value])[] =>
      [...entries].map(([key, { value }]) => [key, value] as const),
  };
}
