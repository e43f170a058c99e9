/** Remembers the values used most recently, up to a total weight. */
export function createBoundedCache<Value>(weightMax: number) {
  const entries = new Map<string, { value: Value; weight: number }>();
  let total = 0;

  return {
    get(key: string): Value | undefined {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    /** A key that is already there must not be set again. */
    set(key: string, value: Value, weight: number): void {
      entries.set(key, { value, weight });
      total += weight;
      for (const [oldest, entry] of entries) {
        if (total <= weightMax) return;
        entries.delete(oldest);
        total -= entry.weight;
      }
    },
  };
}
