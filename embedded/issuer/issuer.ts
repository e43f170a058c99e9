import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TrustedIssuer } from '../../platform/identity/tokenVerifier.js';
import { api, CONSOLE_CLIENT_ID, createConfiguration, isLoopback } from './configuration.js';
import type { DevelopmentUser } from './demoUsers.js';
import { addDevelopmentGrant } from './developmentGrant.js';
import { readIssuerSecrets, SIGNING_ALGORITHM } from './issuerSecrets.js';
import { createLogin } from './login.js';

export interface DevelopmentIssuer {
  /** The issuer identifier, which is also where it is reached. */
  readonly issuer: string;
  /** What a token verifier must know to accept its tokens. */
  readonly trust: TrustedIssuer;
  /** The public client with which a browser logs in. */
  readonly clientId: string;
  readonly close: () => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DevelopmentIssuerOptions {
  /** 0 takes any free port. Tokens name the issuer by its URL, so only with a fixed port do they outlive a restart. */
  readonly port: number;
  /** The address to listen on; a loopback one unless `url` says how the issuer is reached (in a container). */
  readonly host?: string;
  /** How browsers reach it, if not by host and port. */
  readonly url?: string;
  /** Where its keys are kept. */
  readonly dataDir: string;
  readonly users: readonly DevelopmentUser[];
  readonly onError?: (error: Error) => void;
}

/**
 * An OpenID provider for one machine: the real protocol over HTTP, and no passwords. It answers only requests that
 * address it by a loopback name or by its own URL, so that no web page can reach it under a name of its own.
 */
export async function createDevelopmentIssuer(options: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> {
  const { port, host = '127.0.0.1', dataDir, users, onError = () => undefined } = options;
  if (!options.url && !isLoopback(originOf(host, port))) {
    throw new Error(`The development issuer has no passwords: it listens on loopback only, not on ${host}`);
  }
  const [library, secrets] = await Promise.all([loadLibrary(), readIssuerSecrets(dataDir)]);

  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const issuer = options.url ?? originOf(host, (server.address() as AddressInfo).port);

  const provider = new library.Provider(issuer, createConfiguration({ users, secrets, library }));
  addDevelopmentGrant({
    provider,
    InvalidGrant: library.errors.CustomOIDCProviderError,
    users,
    resource: api,
  });
  provider.on('server_error', (_ctx, error) => onError(error));
  server.on('request', createHandler(issuer, provider.callback(), createLogin(provider, users), onError));

  const close = () => closeServer(server);
  const trust = { issuer, audience: api.audience, algorithms: [SIGNING_ALGORITHM] } as const;
  return { issuer, trust, clientId: CONSOLE_CLIENT_ID, close, [Symbol.asyncDispose]: close };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function createHandler(issuer: string, protocol: Handler, login: Handler, onError: (error: Error) => void) {
  const { host } = new URL(issuer);
  return (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.host !== host && !isLoopback(`http://${request.headers.host}`)) {
      response
        .writeHead(421, { 'content-type': 'text/plain' })
        .end('This issuer does not answer to that name.\n');
      return;
    }
    const handle = request.url?.startsWith('/login/') ? login : protocol;
    handle(request, response).catch((error: Error) => {
      onError(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

const originOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The library warns on import that it no longer supports Node 20. Our tests run it there, so nobody need be alarmed. */
async function loadLibrary() {
  const { warn } = console;
  const isAboutNode = (text: unknown) => String(text).includes('Unsupported runtime');
  // oxlint-disable-next-line no-console -- the library offers no other way to be quiet
  console.warn = (...args: unknown[]) => isAboutNode(args[0]) || warn(...args);
  try {
    return await import('oidc-provider');
  } finally {
    // oxlint-disable-next-line no-console
    console.warn = warn;
  }
}

async function closeServer(server: Server) {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
