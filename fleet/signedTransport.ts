import { createHttpTransport } from '../gateway/transports/http.js';
import type { CallContext, SubgraphResponse, Transport } from '../gateway/transports/transport.js';
import { createWebSocketTransport } from '../gateway/transports/webSocket.js';
import { unauthenticated } from '../platform/identity/errors.js';
import { type Principal, systemPrincipal } from '../platform/identity/principal.js';
import type { SigningKey } from '../platform/identity/signature.js';
import { createInternalSignatures, writeCallHeaders } from '../platform/server/callHeaders.js';
import { traceHeaders } from '../platform/telemetry/tracing.js';
import { GRAPHQL_PATH, SIGNED_CONNECTION, signedOperation } from '../platform/server/subgraphSockets.js';

const GATEWAY = systemPrincipal('gateway');

/**
 * The gateway's way to a subgraph in another process: HTTP, and WebSocket for subscriptions, each call signed on behalf
 * of its principal. A subgraph that does not accept our signature is as good as away; no caller is to blame for it.
 */
export function createSignedTransport(options: {
  /** The subgraph's name, for which alone the signatures are good. */
  name: string;
  /** Its origin, for example `http://127.0.0.1:4011`. */
  url: string;
  keys: readonly SigningKey[];
}): Transport {
  const { name: audience, keys } = options;
  const signatures = createInternalSignatures(keys);
  const url = new URL(GRAPHQL_PATH, options.url).href;

  const subscriptions = createWebSocketTransport({
    url: url.replace(/^http/, 'ws'),
    connectionParams: () => signatures.signCall({ audience, ...SIGNED_CONNECTION, headers: {} }, GATEWAY),
    sign: ({ document, variables }, call) => {
      const headers = writeCallHeaders(call);
      const signed = signedOperation({ document, variables: readVariables(variables) });
      const signature = signatures.signCall({ audience, ...signed, headers }, principalOf(call));
      return { headers: { ...headers, ...signature, ...traceHeaders() } };
    },
  });
  const transport = createHttpTransport({
    url,
    sign: (body, call) => {
      const headers = writeCallHeaders(call);
      const signed = { audience, method: 'POST', path: GRAPHQL_PATH, body, headers };
      return { ...headers, ...signatures.signCall(signed, principalOf(call)) };
    },
    subscriptions,
  });
  return { ...transport, execute: async (...args) => refuseRefusal(await transport.execute(...args)) };
}

const readVariables = (variables: string | null) =>
  variables === null ? {} : (JSON.parse(variables) as Record<string, unknown>);

/** The gateway carries the principal without looking at it; here is where it gets its type back. */
function principalOf({ principal }: CallContext): Principal {
  if (principal === null) throw unauthenticated('missing');
  return principal as Principal;
}

function refuseRefusal(response: SubgraphResponse): SubgraphResponse {
  const reason = response.data === undefined && response.errors?.[0]?.extensions?.['code'];
  if (reason === 'UNAUTHENTICATED') throw new Error('The subgraph does not accept our signature');
  return response;
}
