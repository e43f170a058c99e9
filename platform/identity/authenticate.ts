import { createExpiringCache } from './expiringCache.js';
import { unauthenticated } from './errors.js';
import type { Principal } from './principal.js';
import { hasExpired, type TokenClaims, type TokenVerifier } from './tokenVerifier.js';

const ENTRIES_MAX = 10_000;
const BEARER = /^Bearer +([^\s]+) *$/i;

export interface Authenticated {
  readonly principal: Principal;
  readonly id: string;
  readonly expiresAt: Date;
}

export interface Authenticator {
  /**
   * The caller whom the `Authorization` header names. Fails with UNAUTHENTICATED (`missing` without a header), or with
   * UNAVAILABLE while the issuer or the directory of users cannot be reached.
   */
  readonly authenticate: (credentials: {
    readonly authorization?: string | undefined;
  }) => Promise<Authenticated>;
  /** Forgets at once what the caller with this principal id may do, or what anybody may. */
  readonly drop: (principalId?: string) => void;
}

/**
 * Turns a bearer token into a principal with its current rights. Rights may be `cacheMs` old, unless `drop` was called;
 * callers who come at the same moment with the same identity share one look-up.
 */
export function createAuthenticator(options: {
  verifier: TokenVerifier;
  /** Null for somebody unknown here. */
  resolvePrincipal: (claims: TokenClaims) => Promise<Principal | null>;
  cacheMs?: number;
  clock?: () => Date;
}): Authenticator {
  const { verifier, resolvePrincipal, cacheMs = 5_000, clock = () => new Date() } = options;
  const cache = { lifetimeMs: cacheMs, entriesMax: ENTRIES_MAX, clock };
  const claimsByToken = createExpiringCache<TokenClaims>(cache);
  const principals = createExpiringCache<Principal | null>(cache);

  return {
    async authenticate({ authorization }) {
      if (!authorization) throw unauthenticated('missing');
      const token = BEARER.exec(authorization)?.[1];
      if (!token) throw unauthenticated('malformed');
      const claims = await claimsByToken.get(token, () => verifier.verify(token));
      if (hasExpired(claims, clock())) throw unauthenticated('expired');
      const identity = JSON.stringify([claims.issuer, claims.subject]);
      const principal = await principals.get(identity, () => resolvePrincipal(claims));
      if (!principal) throw unauthenticated('unknown_user');
      return { principal, id: principal.id, expiresAt: claims.expiresAt };
    },

    drop(principalId) {
      principals.drop((principal) => !principal || principalId === undefined || principal.id === principalId);
    },
  };
}
