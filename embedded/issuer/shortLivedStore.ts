import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const ENTRIES_MAX = 10_000;

type Stored = { payload: AdapterPayload; expiresAt: number };

/**
 * Logins under way, sessions and codes, in memory: they are short-lived, and access tokens need no store. After a restart
 * people log in again; the oldest go when there are too many.
 */
export function createShortLivedStore(): AdapterFactory {
  const entries = new Map<string, Stored>();

  function live(key: string): AdapterPayload | undefined {
    const stored = entries.get(key);
    if (stored && stored.expiresAt > Date.now()) return stored.payload;
    entries.delete(key);
    return undefined;
  }

  function findWhere(
    kind: string,
    matches: (payload: AdapterPayload) => boolean,
  ): AdapterPayload | undefined {
    for (const key of entries.keys()) {
      const payload = key.startsWith(`${kind}:`) ? live(key) : undefined;
      if (payload && matches(payload)) return payload;
    }
    return undefined;
  }

  return (kind): Adapter => ({
    async upsert(id, payload, expiresInSeconds = 24 * 3600) {
      const key = `${kind}:${id}`;
      entries.delete(key);
      entries.set(key, { payload, expiresAt: Date.now() + expiresInSeconds * 1000 });
      const [oldest] = entries.keys();
      if (entries.size > ENTRIES_MAX && oldest !== undefined) entries.delete(oldest);
    },
    find: async (id) => live(`${kind}:${id}`),
    findByUid: async (uid) => findWhere(kind, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => findWhere(kind, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = live(`${kind}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      entries.delete(`${kind}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(`${kind}:`) && payload.grantId === grantId) entries.delete(key);
      }
    },
  });
}
