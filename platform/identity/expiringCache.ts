interface Entry<Value> {
  readonly loading: Promise<Value>;
  readonly since: number;
  /** Absent while it loads. */
  loaded?: { readonly value: Value };
}

/** Keeps what was loaded for `lifetimeMs` from the start of the loading. Failures are not kept. */
export function createExpiringCache<Value>(options: {
  lifetimeMs: number;
  entriesMax: number;
  clock: () => Date;
}) {
  const { lifetimeMs, entriesMax, clock } = options;
  const entries = new Map<string, Entry<Value>>();

  function start(key: string, load: () => Promise<Value>, now: number): Promise<Value> {
    const entry: Entry<Value> = { loading: load(), since: now };
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    entry.loading.then(
      (value) => (entry.loaded = { value }),
      () => entries.get(key) === entry && entries.delete(key),
    );
    return entry.loading;
  }

  return {
    /** Callers with the same key at the same time share one `load`. */
    get(key: string, load: () => Promise<Value>): Promise<Value> {
      const now = clock().getTime();
      const entry = entries.get(key);
      const age = entry ? now - entry.since : Number.POSITIVE_INFINITY;
      return entry && age >= 0 && age < lifetimeMs ? entry.loading : start(key, load, now);
    },

    /** Forgets what matches, and everything that is still loading: it may be what was true before. */
    drop(matches: (value: Value) => boolean) {
      for (const [key, { loaded }] of entries) if (!loaded || matches(loaded.value)) entries.delete(key);
    },
  };
}
