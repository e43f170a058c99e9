import { DEVELOPMENT_GRANT } from '../../embedded/issuer/developmentGrant.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';

/** Gets somebody's access token: from the environment, else from the server's development issuer. */
export type TokenSource = (username: string) => Promise<string>;

/** Asks the server who its issuer is. An Error with a sentence for people where nobody can give tokens. */
export function createTokenSource(url: string, env: NodeJS.ProcessEnv): TokenSource {
  let issuer: Promise<string> | null = null;
  return async (username) => {
    const variable = variableFor(username);
    const given = env[variable];
    if (given) return given;
    issuer ??= developmentIssuerOf(url);
    const found = await issuer.catch((error: Error) => {
      throw new Error(`${error.message} Or give the token of ${username} in ${variable}.`);
    });
    return developmentToken(found, username);
  };
}

/** `FLEETGRAPH_TOKEN_ORG_ADMIN` for `org-admin`. */
const variableFor = (username: string) => `FLEETGRAPH_TOKEN_${username.toUpperCase().replaceAll('-', '_')}`;

async function developmentIssuerOf(url: string): Promise<string> {
  const { issuer } = await fetchJson<{ issuer: string }>(
    new URL('/.well-known/fleetgraph.json', url),
    `Fleetgraph does not answer at ${url}. Start it with "npm start", or name it in FLEETGRAPH_URL or PORT.`,
  );
  const { grant_types_supported: grants = [] } = await fetchJson<{ grant_types_supported?: string[] }>(
    new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
    `The issuer ${issuer} does not answer.`,
  );
  if (!grants.includes(DEVELOPMENT_GRANT))
    throw new Error(`${issuer} is no development issuer: get tokens the way your organisation does.`);
  return issuer;
}

async function fetchJson<Body>(url: URL, complaint: string): Promise<Body> {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(complaint);
  return (await response.json()) as Body;
}
