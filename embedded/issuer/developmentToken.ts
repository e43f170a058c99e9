import { DEVELOPMENT_GRANT } from './developmentGrant.js';

/** An access token for a demo user, from a running development issuer, as scripts and tests get it. */
export async function developmentToken(issuer: string, username: string): Promise<string> {
  const discovery = await fetch(`${issuer}/.well-known/openid-configuration`);
  const { token_endpoint: endpoint } = (await discovery.json()) as { token_endpoint: string };
  const answer = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: DEVELOPMENT_GRANT, client_id: 'fleetgraph-scripts', username }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`The development issuer gives no token for ${username}`);
  return token;
}
