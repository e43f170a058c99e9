// The whole gateway as it is served: tokens verified, limits on, deadlines, request ids, metrics; traced if the environment
// asks for it. Its calls go unsigned.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createGateway } from '../../dist/gateway/app.js';
import { createHttpTransport } from '../../dist/gateway/transports/http.js';
import { createAuthenticator } from '../../dist/platform/identity/authenticate.js';
import { systemPrincipal } from '../../dist/platform/identity/principal.js';
import { createTokenVerifier } from '../../dist/platform/identity/tokenVerifier.js';
import { createLog } from '../../dist/platform/telemetry/log.js';
import { startTelemetry } from '../../dist/platform/telemetry/telemetry.js';
import { composeSupergraph } from './graph.mjs';
import { listen, reportCpu } from './listen.mjs';

const AUDIENCE = 'bench';

const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256' }];
const issuerServer = createServer((request, response) => {
  const isKeys = request.url === '/keys';
  response.end(JSON.stringify(isKeys ? { keys } : { issuer, jwks_uri: `${issuer}/keys` }));
});
const issuer = `http://127.0.0.1:${await listen(issuerServer)}`;
const token = await new SignJWT({
  iss: issuer,
  aud: AUDIENCE,
  sub: 'user-1',
  preferred_username: 'bench',
  name: 'Bench',
})
  .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(privateKey);

const { authenticate } = createAuthenticator({
  verifier: createTokenVerifier({ issuers: [{ issuer, audience: AUDIENCE, algorithms: ['ES256'] }] }),
  resolvePrincipal: ({ subject }) => Promise.resolve({ ...systemPrincipal('bench'), id: subject }),
});
const log = createLog({ name: 'gateway', level: 'warn' });
await startTelemetry(process.env, 'gateway', log);
const gateway = await createGateway({
  supergraphSdl: composeSupergraph(JSON.parse(process.argv[2])),
  connect: ({ url }) => createHttpTransport({ url }),
  authenticate,
  log,
  version: 'bench',
});
await gateway.listen(0, '127.0.0.1');
reportCpu();
process.send({ url: `${gateway.url}/graphql`, headers: { authorization: `Bearer ${token}` } });
