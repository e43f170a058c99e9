import { createServer } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { ApiError, badRequest, unknownFormat } from './apiError.js';
import { discover } from './discovery.js';
import { createLists } from './lists.js';
import { streamLog } from './log.js';
import { answerVerb } from './verbs.js';
import { streamWatch } from './watch.js';
import { parseRoute } from './route.js';
import { pods } from '../resources.js';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Registry } from './registry.js';
import type { Request } from './verbs.js';
import type { Store } from '../store/store.js';

export type ApiOptions = {
  store: Store;
  registry: Registry;
  /**
   * The first step of every path, because web pages and other users of the machine can reach loopback too.
   * It is no bearer token, because kubectl sends none without TLS.
   */
  secret: string;
  bookmarkMs: number;
  onError: (error: unknown) => void;
};

const BODY_BYTES_MAX = 3 * 1024 * 1024;
const UNGUARDED = new Set(['/livez', '/readyz', '/healthz']);

/** The API over HTTP. The caller listens and closes. */
export function createApiServer({ store, registry, secret, bookmarkMs, onError }: ApiOptions): Server {
  const answerList = createLists(registry);

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://cluster');
    if (UNGUARDED.has(url.pathname)) return void response.end('ok');
    const path = withoutSecret(url.pathname, secret);
    const known = request.method === 'GET' ? discover(path) : null;
    if (known) return sendJson(response, 200, known);
    const route = parseRoute(path);
    const { searchParams: query } = url;
    if (request.method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) {
      return streamWatch({ store, route, query, response, bookmarkMs });
    }
    if (request.method === 'GET' && route.part === 'log' && route.resource === pods)
      return streamLog({ registry, route, query, response });
    if (request.method === 'GET' && route.name === undefined)
      return sendJson(response, 200, answerList(route, query));
    const call: Request = { method: request.method ?? 'GET', query, ...(await readBody(request)) };
    const { code, body } = answerVerb(registry, route, call);
    sendJson(response, code, body);
  };

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof ApiError)) onError(error);
      const refusal = error instanceof ApiError ? error : new ApiError(500, 'InternalError', String(error));
      if (response.headersSent) response.destroy();
      else sendJson(response, refusal.code, refusal.toStatus());
    });
  });
}

function sendJson(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Throws 401 when the path does not begin with the secret. */
function withoutSecret(path: string, secret: string): string {
  const prefix = `/${secret}`;
  const given = Buffer.from(path.slice(0, prefix.length));
  const wanted = Buffer.from(prefix);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return path.slice(prefix.length);
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

async function readBody(request: IncomingMessage): Promise<Pick<Request, 'body' | 'contentType'>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new ApiError(413, 'RequestEntityTooLarge', 'the request is too large');
    chunks.push(chunk);
  }
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0] ?? '';
  if (bytes === 0) return { body: undefined, contentType };
  if (!/json|apply-patch\+yaml/.test(contentType)) throw unknownFormat(contentType);
  try {
    return { body: JSON.parse(Buffer.concat(chunks).toString()), contentType };
  } catch {
    throw badRequest('the body is not JSON, which is all that this cluster reads');
  }
}
