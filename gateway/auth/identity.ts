import { PublicError } from '../../platform/errors.js';

/** What a caller shows, over whatever protocol: the `Authorization` header or its counterpart in a socket's parameters. */
export interface Credentials {
  readonly authorization?: string | undefined;
  /** What the caller knows to be written, by subgraph: what they may do is to be no older. */
  readonly written?: Readonly<Record<string, string>> | undefined;
}

/** A caller whose credentials were accepted. The gateway never looks inside `principal`; `id` is stable per caller. */
export interface Identity {
  readonly principal: unknown;
  readonly id: string;
  /** When the credentials stop being good; null when they never do. */
  readonly expiresAt: Date | null;
}

/**
 * Decides who calls. Refuses with the code `UNAUTHENTICATED`; any other failure means that it could not tell.
 * It is asked for every request and again for open streams, so it should remember what it verified.
 */
export type Authenticate = (credentials: Credentials) => Promise<Identity>;

/** For graphs without access control (`--identity none`): everybody is the same caller and nothing is forwarded. */
export const withoutIdentity: Authenticate = () =>
  Promise.resolve({ principal: null, id: 'anonymous', expiresAt: null });

export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof PublicError && error.extensions.code === 'UNAUTHENTICATED';

/**
 * The caller, or null for one who shows no credentials at all and is refused: such a caller may still be let through
 * to what is public. Wrong credentials are refused here.
 */
export async function identify(
  authenticate: Authenticate,
  credentials: Credentials,
): Promise<Identity | null> {
  try {
    return await authenticate(credentials);
  } catch (error) {
    if (credentials.authorization === undefined && isUnauthenticated(error)) return null;
    throw error;
  }
}
