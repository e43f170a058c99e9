import type { IncomingMessage } from 'node:http';
import { unauthenticated } from '../identity/errors.js';
import { type CallSignatures, SIGNATURE_HEADER } from '../identity/signature.js';
import { readBody } from './body.js';
import type { SignedRequest } from './endpoint.js';

/**
 * Reads requests to `audience` whole and checks their signatures. Fails with UNAUTHENTICATED, and with PAYLOAD_TOO_LARGE
 * for a body that was not read.
 */
export function createSignedReader(options: {
  audience: string;
  signatures: CallSignatures;
  bytesMax: number;
}) {
  const { audience, signatures, bytesMax } = options;
  return async function readSigned(
    request: IncomingMessage,
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<SignedRequest> {
    const { headers, method = 'GET', url: path = '/' } = request;
    // What does not even claim to be signed is not worth reading.
    if (headers[SIGNATURE_HEADER] === undefined) throw unauthenticated('missing');
    const body = await readBody(request, bytesMax);
    const principal = await signatures.verifyCall({ audience, method, path, body, headers });
    return { principal, query, body, headers, signal };
  };
}
