import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import { unavailable } from '../errors.js';

/** While keys are known, a flood of unknown key ids makes at most one fetch in this time. */
const COOLDOWN_MS = 30_000;
/** While none are known, an issuer that did not answer is asked again no sooner. */
const FIRST_KEYS_COOLDOWN_MS = 1_000;
/** Keys are fetched again after this time, so that a withdrawn key stops counting. */
const FRESH_MS = 10 * 60_000;
/** While the issuer is away its last keys stay good for this time. */
const USABLE_MS = 60 * 60_000;
const FETCH_TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type KeySelector = ReturnType<typeof createLocalJWKSet>;

/**
 * The published keys of one issuer, fetched when first needed. `select` finds the key that a token's header names, and
 * fails with jose's JWKSNoMatchingKey, or with UNAVAILABLE when the issuer cannot be reached and no key is known.
 */
export function createIssuerKeys(options: {
  issuer: string;
  jwksUri?: string | undefined;
  clock: () => Date;
}) {
  const { issuer, clock } = options;
  let keys: { select: KeySelector; fetchedAt: number } | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  /** A clock that was set back counts as a long time, so that it cannot stop fetching. */
  function elapsedMs(since: number): number {
    const elapsed = clock().getTime() - since;
    return elapsed < 0 ? Number.POSITIVE_INFINITY : elapsed;
  }

  async function fetchKeys() {
    const keySet = KeySet.parse(await fetchJson(options.jwksUri ?? (await discoverKeys(issuer))));
    keys = { select: createLocalJWKSet(keySet as JSONWebKeySet), fetchedAt: clock().getTime() };
  }

  /** One fetch at a time. A failed one leaves the keys as they were: they may still do. */
  async function refresh() {
    if (!underWay) {
      if (elapsedMs(attemptedAt) < (keys ? COOLDOWN_MS : FIRST_KEYS_COOLDOWN_MS)) return;
      attemptedAt = clock().getTime();
      underWay = fetchKeys()
        .catch(() => undefined)
        .finally(() => (underWay = undefined));
    }
    await underWay;
  }

  function usableKeys() {
    if (!keys || elapsedMs(keys.fetchedAt) >= USABLE_MS) throw unavailable('The identity issuer');
    return keys;
  }

  return async function select(header: JWSHeaderParameters) {
    if (!keys || elapsedMs(keys.fetchedAt) >= FRESH_MS) await refresh();
    try {
      return await usableKeys().select(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return usableKeys().select(header);
    }
  };
}

async function discoverKeys(issuer: string): Promise<string> {
  const document = Discovery.parse(
    await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  );
  if (document.issuer !== issuer) throw new Error(`${issuer} calls itself ${document.issuer}`);
  return document.jwks_uri;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const text = await response.text();
  if (text.length > ANSWER_BYTES_MAX) throw new Error(`${url} answered too much`);
  return JSON.parse(text);
}
