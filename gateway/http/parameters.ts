import type { IncomingMessage } from 'node:http';
import { parseRequestParams } from 'graphql-http';
import { PublicError } from '../../platform/errors.js';
import { readBody } from '../../platform/server/body.js';
import { badRequest, methodNotAllowed } from '../../platform/server/requestErrors.js';
import type { GraphQLRequest } from '../engine.js';
import { unsupportedMediaType } from './errors.js';

/** Reads a GraphQL request from a GET's address or a POST's JSON body. Refuses everything else, batches too. */
export async function readParameters(request: IncomingMessage, bytesMax: number): Promise<GraphQLRequest> {
  const { method = 'GET', url = '/', headers } = request;
  if (headers['content-encoding'] !== undefined) throw unsupportedMediaType();
  let refusal: unknown = null;
  const body = async () => {
    try {
      return withoutBatch(await readBody(request, bytesMax));
    } catch (error) {
      // What is thrown here comes out as another error.
      refusal = error;
      throw error;
    }
  };
  try {
    const result = await parseRequestParams({ method, url, headers, body, raw: request, context: undefined });
    if ('query' in result) return result as GraphQLRequest;
    throw result[1].status === 405 ? methodNotAllowed('GET, POST') : unsupportedMediaType();
  } catch (error) {
    if (error instanceof PublicError) throw error;
    throw refusal ?? badRequest(error instanceof Error ? error.message : 'The request cannot be read');
  }
}

const withoutBatch = (text: string): string => {
  if (/^\s*\[/.test(text))
    throw badRequest('Batches are not served', 'Send each operation in a request of its own.');
  return text;
};
