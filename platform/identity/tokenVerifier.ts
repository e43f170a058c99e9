import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { PublicError } from '../errors.js';
import { unauthenticated } from './errors.js';
import { createIssuerKeys } from './issuerKeys.js';

const TOKEN_LENGTH_MAX = 16 * 1024;
const KEY_ID_LENGTH_MAX = 200;
const CLOCK_SKEW_S = 30;

/** Asymmetric only: with a shared secret, whoever can check a token could also make one. */
export const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

export interface TrustedIssuer {
  /** Compared exactly with the token's `iss`. */
  readonly issuer: string;
  /** What the token's `aud` must contain. */
  readonly audience: string;
  readonly algorithms: readonly TokenAlgorithm[];
  /** Where the keys are; without it, what the issuer's discovery document says. */
  readonly jwksUri?: string | undefined;
}

/** What a verified access token says about its bearer. `username` is the `preferred_username` claim. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly username: string;
  readonly name: string;
  readonly email?: string;
  readonly expiresAt: Date;
}

export interface TokenVerifier {
  /**
   * Fails with UNAUTHENTICATED and a `reason`, or with UNAVAILABLE if the issuer's keys are not known and it cannot be
   * reached.
   */
  verify(token: string): Promise<TokenClaims>;
}

/** Whether a token that was verified before has run out since, with the same tolerance for clocks that differ. */
export const hasExpired = ({ expiresAt }: TokenClaims, now: Date): boolean =>
  expiresAt.getTime() + CLOCK_SKEW_S * 1000 <= now.getTime();

const Claims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  exp: z.number(),
  preferred_username: z.string().min(1).max(255),
  name: z.string().min(1).max(255).optional().catch(undefined),
  email: z.string().min(1).max(320).optional().catch(undefined),
});

/** Verifies OAuth 2 access tokens in JWT form (RFC 9068) of the issuers that are listed, and of no other. */
export function createTokenVerifier(options: {
  issuers: readonly TrustedIssuer[];
  clock?: () => Date;
}): TokenVerifier {
  const clock = options.clock ?? (() => new Date());
  const trusted = new Map(
    options.issuers.map((issuer) => {
      refuseUnsafe(issuer);
      const keys = createIssuerKeys({ issuer: issuer.issuer, jwksUri: issuer.jwksUri, clock });
      return [issuer.issuer, { ...issuer, keys }];
    }),
  );

  async function verify(token: string): Promise<TokenClaims> {
    const issuer = trusted.get(readIssuer(token));
    if (!issuer) throw unauthenticated('issuer');
    const { payload } = await jwtVerify(token, issuer.keys, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      typ: 'at+jwt',
      clockTolerance: CLOCK_SKEW_S,
      currentDate: clock(),
    });
    const claims = Claims.safeParse(payload);
    if (!claims.success) throw unauthenticated('claims');
    const { iss, sub, exp, preferred_username: username, name, email } = claims.data;
    return {
      issuer: iss,
      subject: sub,
      username,
      name: name ?? username,
      ...(email !== undefined && { email }),
      expiresAt: new Date(exp * 1000),
    };
  }

  return { verify: (token) => verify(token).catch((error: unknown) => Promise.reject(toPublicError(error))) };
}

/** Reads what chooses the keys, before anything is verified. */
function readIssuer(token: string): string {
  if (token.length > TOKEN_LENGTH_MAX) throw unauthenticated('malformed');
  const { kid } = decodeProtectedHeader(token);
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KEY_ID_LENGTH_MAX))
    throw unauthenticated('key');
  return decodeJwt(token).iss ?? '';
}

function refuseUnsafe({ issuer, jwksUri, audience, algorithms }: TrustedIssuer) {
  const { protocol, hostname } = new URL(issuer);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol !== 'https:' && !isLoopback && !jwksUri) {
    throw new Error(`The issuer ${issuer} must use https: whoever answers in its place could let anybody in`);
  }
  if (audience === '') throw new Error(`The issuer ${issuer} needs an audience`);
  const unsafe = algorithms.find((algorithm) => !tokenAlgorithms.includes(algorithm));
  if (unsafe || algorithms.length === 0) throw new Error(`The issuer ${issuer} needs asymmetric algorithms`);
}

function toPublicError(error: unknown): unknown {
  if (error instanceof PublicError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated('expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(reasonByClaim[error.claim] ?? 'claims');
  if (error instanceof errors.JOSEAlgNotAllowed) return unauthenticated('algorithm');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return unauthenticated('key');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return unauthenticated('signature');
  return unauthenticated('malformed');
}

const reasonByClaim: Readonly<Record<string, Parameters<typeof unauthenticated>[0]>> = {
  typ: 'type',
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not_yet_valid',
};
