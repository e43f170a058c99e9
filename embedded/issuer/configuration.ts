import type * as Library from 'oidc-provider';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { DevelopmentUser } from './demoUsers.js';
import { DEVELOPMENT_GRANT } from './developmentGrant.js';
import { type IssuerSecrets, SIGNING_ALGORITHM } from './issuerSecrets.js';
import { errorPage } from './pages.js';
import { createShortLivedStore } from './shortLivedStore.js';

/** The public client that people log in to: GraphiQL and the console. */
export const CONSOLE_CLIENT_ID = 'fleetgraph-console';
/** The `aud` of the access tokens. */
const AUDIENCE = 'fleetgraph';
const ACCESS_TOKEN_SECONDS = 3_600;
const SESSION_SECONDS = 8 * 3_600;
/** Where the console waits for its code; on loopback the port is free (RFC 8252 §7.3). */
const REDIRECT_PATHS = ['/graphql', '/'];
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
const SCOPES = ['openid', 'profile', 'email'];

/** What access tokens are for and how they are made. The identifier of a resource is a URI (RFC 8707), its audience is not. */
export const api = {
  identifier: 'urn:fleetgraph:api',
  audience: AUDIENCE,
  scope: '',
  accessTokenTTL: ACCESS_TOKEN_SECONDS,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: SIGNING_ALGORITHM } },
} as const;

export function createConfiguration(options: {
  users: readonly DevelopmentUser[];
  secrets: IssuerSecrets;
  library: typeof Library;
}): Configuration {
  const { users, secrets, library } = options;
  const userBySubject = new Map(users.map((user) => [user.subject, user]));

  return {
    adapter: createShortLivedStore(),
    jwks: { keys: [secrets.signingKey] } as NonNullable<Configuration['jwks']>,
    cookies: {
      names: cookieNames,
      keys: secrets.cookieKeys,
      short: { signed: true },
      long: { signed: true },
    },
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    clients: [consoleClient, scriptsClient],
    scopes: SCOPES,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      IdToken: ACCESS_TOKEN_SECONDS,
      Interaction: 3_600,
      Session: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => api.identifier,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== api.identifier) throw new library.errors.InvalidTarget();
          return api;
        },
      },
    },
    interactions: { policy: createPolicy(library), url: (_ctx, { uid }) => `/login/${uid}` },
    findAccount: (_ctx, subject) => {
      const user = userBySubject.get(subject);
      return user && { accountId: subject, claims: () => ({ sub: subject, ...claimsOf(user) }) };
    },
    extraTokenClaims: (_ctx, token) => {
      const user = 'accountId' in token && userBySubject.get(token.accountId);
      return user ? claimsOf(user) : undefined;
    },
    loadExistingGrant: grantToFirstParty,
    clientBasedCORS: (_ctx, origin) => isLoopback(origin),
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html';
      ctx.body = errorPage(error, description ?? '');
    },
  };
}

/** When a person sees the login page: without a session, or when the client says so. */
function createPolicy({ interactionPolicy: { base, Prompt } }: typeof Library) {
  const policy = base();
  policy.get('consent')?.checks.remove('native_client_prompt');
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

export function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK_HOSTS.includes(new URL(url).hostname);
}

const claimsOf = ({ username, name, email }: DevelopmentUser) => ({
  preferred_username: username,
  name,
  email,
});

/** Ports of one host share their cookies, so that ours carry our name. */
const cookieNames = {
  session: 'fleetgraph_issuer_session',
  interaction: 'fleetgraph_issuer_login',
  resume: 'fleetgraph_issuer_resume',
};

const consoleClient = {
  client_id: CONSOLE_CLIENT_ID,
  client_name: 'Fleetgraph',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: REDIRECT_PATHS.flatMap((path) => LOOPBACK_HOSTS.map((host) => `http://${host}${path}`)),
} as const;

const scriptsClient = {
  client_id: 'fleetgraph-scripts',
  client_name: 'Fleetgraph scripts',
  token_endpoint_auth_method: 'none',
  grant_types: [DEVELOPMENT_GRANT],
  response_types: [],
  redirect_uris: [],
} as const;

/** Nobody is asked for consent: the only client that people log in to is Fleetgraph's own console. */
async function grantToFirstParty({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({
    accountId: oidc.session!.accountId!,
    clientId: oidc.client!.clientId,
  });
  grant.addOIDCScope(SCOPES.join(' '));
  await grant.save();
  return grant;
}
