import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { unauthenticated } from './errors.js';
import { createNonceMemory } from './nonceMemory.js';
import type { Principal } from './principal.js';
import { decodePrincipal, encodePrincipal } from './principalHeader.js';
import type { SharedNonces } from './sharedNonces.js';

export const PRINCIPAL_HEADER = 'fleetgraph-principal';
export const SIGNATURE_HEADER = 'fleetgraph-signature';

const LIFETIME_MS = 30_000;
const SECRET_BYTES_MIN = 32;
const KEY_ID = /^[\w-]{1,64}$/;
/** key id . expiry in ms . nonce . mac */
const FORMAT = /^([\w-]{1,64})\.(\d{1,15})\.([\w-]{22})\.([\w-]{43})$/;

/** A secret that the gateway and the subgraphs share. Its id travels with each call and must not repeat. */
export interface SigningKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One internal call, as it is sent and as it arrives. */
export interface InternalCall {
  /** Who is called: a signature for one subgraph opens no other. */
  readonly audience: string;
  readonly method: string;
  /** With the query string, if there is one. */
  readonly path: string;
  readonly body: string | Uint8Array;
  /** By lower-case name. */
  readonly headers: Headers;
}

export interface CallSignatures {
  /** The two headers to send along. They are good for 30 s and for one use. */
  signCall(call: InternalCall, principal: Principal): Record<string, string>;
  /**
   * The principal on whose behalf the call is made. Fails with UNAUTHENTICATED for a call that is unsigned, expired,
   * altered, meant for somebody else or seen before, and with UNAVAILABLE when more calls came within a minute than can
   * be remembered.
   */
  verifyCall(call: InternalCall): Promise<Principal>;
}

/**
 * Signs calls between the gateway and the subgraphs with HMAC-SHA-256. The first key signs; every key in the list is
 * accepted, so that a new one can be handed out before it is used and the old one be dropped after.
 */
export function createCallSignatures(options: {
  keys: readonly SigningKey[];
  /** Headers that the signature covers besides its own, by lower-case name. The same list on both sides. */
  signedHeaders?: readonly string[];
  clock?: () => Date;
  /** How many calls are remembered against replay. */
  noncesMax?: number;
  /** Where other processes answer to the same name: a call is good for one of them. A GET, which changes nothing, for each. */
  sharedNonces?: SharedNonces | undefined;
}): CallSignatures {
  const { keys, signedHeaders = [], clock = () => new Date(), noncesMax = 500_000, sharedNonces } = options;
  const { signingKey, keyById } = readKeys(keys);
  const nonces = createNonceMemory({ lifetimeMs: 2 * LIFETIME_MS, noncesMax });

  /** Everything the signature covers, in one text in which no part can pass for another. */
  function statement(call: InternalCall, encoded: string, expiresAt: string, nonce: string): string {
    const bodyHash = createHash('sha256').update(call.body).digest('base64url');
    const covered = signedHeaders.map((name) => call.headers[name] ?? null);
    return JSON.stringify([
      call.audience,
      call.method,
      call.path,
      bodyHash,
      covered,
      encoded,
      expiresAt,
      nonce,
    ]);
  }

  return {
    signCall(call, principal) {
      const encoded = encodePrincipal(principal);
      const expiresAt = String(clock().getTime() + LIFETIME_MS);
      const nonce = randomBytes(16).toString('base64url');
      const mac = macOf(signingKey, statement(call, encoded, expiresAt, nonce)).toString('base64url');
      return {
        [PRINCIPAL_HEADER]: encoded,
        [SIGNATURE_HEADER]: [signingKey.id, expiresAt, nonce, mac].join('.'),
      };
    },

    async verifyCall(call) {
      const encoded = call.headers[PRINCIPAL_HEADER];
      const signature = call.headers[SIGNATURE_HEADER];
      if (encoded === undefined || signature === undefined) throw unauthenticated('missing');
      if (typeof encoded !== 'string' || typeof signature !== 'string') throw unauthenticated('malformed');
      const [, keyId, expiresAt, nonce, mac] = FORMAT.exec(signature) ?? [];
      if (!keyId || !expiresAt || !nonce || !mac) throw unauthenticated('malformed');

      const key = keyById.get(keyId);
      if (!key) throw unauthenticated('key');
      const expected = macOf(key, statement(call, encoded, expiresAt, nonce));
      if (!timingSafeEqual(expected, Buffer.from(mac, 'base64url'))) throw unauthenticated('signature');

      const now = clock().getTime();
      if (Number(expiresAt) < now) throw unauthenticated('expired');
      if (Number(expiresAt) > now + 2 * LIFETIME_MS) throw unauthenticated('not_yet_valid');
      if (!nonces.remember(nonce, now)) throw unauthenticated('replayed');
      if (sharedNonces && call.method !== 'GET' && !(await sharedNonces.claim(nonce)))
        throw unauthenticated('replayed');
      return decodePrincipal(encoded);
    },
  };
}

function readKeys(keys: readonly SigningKey[]) {
  const [signingKey] = keys;
  if (!signingKey) throw new Error('Signing calls needs a key');
  for (const { id, secret } of keys) {
    if (!KEY_ID.test(id))
      throw new Error(`A signing key's id has 1 to 64 letters, digits, "-" or "_", unlike ${id}`);
    if (secret.byteLength < SECRET_BYTES_MIN)
      throw new Error(`Signing key ${id} has less than ${SECRET_BYTES_MIN} bytes`);
  }
  return { signingKey, keyById: new Map(keys.map((key) => [key.id, key])) };
}

const macOf = (key: SigningKey, text: string): Buffer =>
  createHmac('sha256', key.secret).update(text).digest();
