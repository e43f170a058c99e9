import type { Discovery } from './discovery.js';
import type { Session } from './session.js';

interface Issuer {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/** What must be known again when the issuer sends the browser back. */
interface Attempt {
  readonly state: string;
  readonly verifier: string;
}

const KEY = 'fleetgraph.signIn';
const redirectUri = () => `${location.origin}/graphql`;

/** Leaves the page for the issuer's login: the authorization code flow with PKCE (RFC 7636). */
export async function startSignIn({ issuer, clientId, resource }: Discovery): Promise<void> {
  if (!issuer || !clientId) throw new Error('This server names no issuer');
  const { authorization_endpoint: endpoint } = await metadataOf(issuer);
  const attempt: Attempt = { state: randomText(), verifier: randomText() };
  sessionStorage.setItem(KEY, JSON.stringify(attempt));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(attempt.verifier));
  const address = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid profile',
    // Or who is logged in at the issuer could never become somebody else here.
    prompt: 'select_account',
    state: attempt.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    ...(resource && { resource }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

/** Takes up what the issuer sent the browser back with. Null if the page was opened in another way. */
export async function finishSignIn({ issuer, clientId, resource }: Discovery): Promise<Session | null> {
  const answer = new URLSearchParams(location.search);
  const attempt = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Attempt | null;
  if (!attempt || !issuer || !clientId || !answer.has('state')) return null;
  sessionStorage.removeItem(KEY);
  history.replaceState(null, '', location.pathname);
  if (answer.get('state') !== attempt.state) throw new Error('Another page started this sign-in');
  const code = answer.get('code');
  if (!code)
    throw new Error(answer.get('error_description') ?? answer.get('error') ?? 'The issuer sent no code');
  const { token_endpoint: endpoint } = await metadataOf(issuer);
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri(),
      code,
      code_verifier: attempt.verifier,
      ...(resource && { resource }),
    }),
  });
  const tokens = (await response.json()) as { access_token?: string; error_description?: string };
  if (!tokens.access_token) throw new Error(tokens.error_description ?? 'The issuer gave no token');
  return { token: tokens.access_token };
}

async function metadataOf(issuer: string): Promise<Issuer> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  return (await response.json()) as Issuer;
}

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
