import { PublicError } from '../errors.js';

/**
 * Why a caller was not recognised: a stable word for machines, coarse on purpose. What exactly is wrong with a
 * credential helps whoever forges one more than whoever owns it.
 */
export type UnauthenticatedReason =
  /** No credential came with the request. */
  | 'missing'
  /** It cannot be read as what it claims to be, or is too long. */
  | 'malformed'
  /** It is a token of another kind, for example an ID token. */
  | 'type'
  | 'algorithm'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  /** It names a key that the issuer does not publish. */
  | 'key'
  | 'signature'
  /** A claim that Fleetgraph needs is absent or has the wrong form. */
  | 'claims'
  /** It is valid, but nobody here answers to it. */
  | 'unknown_user'
  /** An internal call was seen before. */
  | 'replayed';

export const unauthenticated = (reason: UnauthenticatedReason) =>
  new PublicError(
    'UNAUTHENTICATED',
    reason === 'missing' ? 'You are not logged in' : 'Your credential was not accepted',
    'Get a fresh access token and send it as "Authorization: Bearer <token>".',
    { reason },
  );
