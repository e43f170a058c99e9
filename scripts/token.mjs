// `npm run --silent token -- <user>`: prints an access token for a demo user, good for one hour. Asks the running
// Fleetgraph for its issuer and the issuer for the token, so it works with the development issuer only.
const GRANT = 'urn:fleetgraph:development';

const fleetgraph = process.env.FLEETGRAPH_URL ?? `http://127.0.0.1:${process.env.PORT || 4000}`;
const [username = ''] = process.argv.slice(2);

try {
  const { issuer } = await fetchJson(
    new URL('/.well-known/fleetgraph.json', fleetgraph),
    `Fleetgraph does not answer at ${fleetgraph}. Start it with "npm start", or name it in FLEETGRAPH_URL or PORT.`,
  );
  const discovery = await fetchJson(
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    `The issuer ${issuer} does not answer.`,
  );
  if (!discovery.grant_types_supported?.includes(GRANT)) {
    throw new Error(`${issuer} is no development issuer: get a token the way your organisation does.`);
  }
  const answer = await fetch(discovery.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: GRANT, client_id: 'fleetgraph-scripts', username }),
  });
  const { access_token: token, error_description: refusal } = await answer.json();
  if (!token) throw new Error(`Usage: npm run --silent token -- <user>. ${refusal}`);
  console.log(token);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function fetchJson(url, complaint) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(complaint);
  return response.json();
}
