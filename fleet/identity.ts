import type { GovernanceCalls } from '../contracts/calls.js';
import type { SignIn } from '../gateway/http/discovery.js';
import { type Authenticator, createAuthenticator } from '../platform/identity/authenticate.js';
import { createTokenVerifier } from '../platform/identity/tokenVerifier.js';

/** The public client that web pages sign in with; the issuer must know it. */
const CLIENT_ID = 'fleetgraph-console';

/** Whose tokens are accepted, and what their `aud` must contain. */
export interface Trust {
  readonly issuer: string;
  readonly audience: string;
}

/** Recognises people by the issuer's tokens; governance says what they may do. */
export const createFleetAuthenticator = (
  trust: Trust,
  governance: Pick<GovernanceCalls, 'resolvePrincipal'>,
): Authenticator =>
  createAuthenticator({
    verifier: createTokenVerifier({
      issuers: [{ ...trust, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] }],
    }),
    resolvePrincipal: ({ email = null, ...claims }) => governance.resolvePrincipal({ ...claims, email }),
  });

export const signInWith = ({ issuer, audience }: Trust): SignIn => ({
  issuer,
  clientId: CLIENT_ID,
  // A resource indicator is a URI (RFC 8707); an audience need not be one, and then is the issuer's default.
  resource: URL.canParse(audience) ? audience : null,
});
