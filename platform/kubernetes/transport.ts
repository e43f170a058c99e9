import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node';
import type { KubeConfig, ResponseContext } from '@kubernetes/client-node';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from './clusterError.js';
import { observeTransport } from './observed.js';

export type Call = {
  method: keyof typeof HttpMethod;
  /** Path and query below the server's address. */
  path: string;
  body?: unknown;
  contentType?: string;
  signal: AbortSignal;
};

/** Sends calls to the API server that the kubeconfig names. Answers other than 2xx become a `ClusterError`. */
export type Transport = (call: Call) => Promise<ResponseContext>;

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

const http = new IsomorphicFetchHttpLibrary();

export function createTransport(config: KubeConfig): Transport & AsyncDisposable {
  const server = config.getCurrentCluster()?.server.replace(/\/$/, '');
  if (!server) throw new ClusterError(0, 'Unreachable', 'The kubeconfig names no current cluster');
  // The library makes a connection pool per request, and so a TLS handshake per request: one pool is kept here
  // until the server refuses its credentials.
  let pool: Dispatcher | undefined;

  const send = async (call: Call): Promise<ResponseContext> => {
    const request = new RequestContext(server + call.path, HttpMethod[call.method]);
    await config.applySecurityAuthentication(request);
    pool ??= request.getDispatcher();
    if (pool) request.setDispatcher(pool);
    request.setHeaderParam('Accept', 'application/json');
    if (call.body !== undefined) {
      request.setHeaderParam('Content-Type', call.contentType ?? 'application/json');
      request.setBody(JSON.stringify(call.body));
    }
    request.setSignal(call.signal);
    const response = await http
      .send(request)
      .toPromise()
      .catch((cause: unknown) => {
        throw unreachable(server, cause);
      });
    if (response.httpStatusCode === 401) pool = undefined;
    if (response.httpStatusCode < 300) return response;
    throw await refusal(response);
  };

  /**
   * Waits as long as the server asks for, while the signal allows it. A read is sent again once when its connection
   * was lost: a kept one may have died since its last use.
   */
  const sendPatiently = async (call: Call): Promise<ResponseContext> => {
    let mayRepeat = call.method === 'GET';
    for (;;) {
      try {
        return await send(call);
      } catch (error) {
        if (!(error instanceof ClusterError) || call.signal.aborted) throw error;
        if (error.status === 0 && mayRepeat) mayRepeat = false;
        else if (error.retryAfterMs === null) throw error;
        else
          await delay(error.retryAfterMs, undefined, { signal: call.signal }).catch(() =>
            Promise.reject(error),
          );
      }
    }
  };

  return Object.assign(observeTransport(sendPatiently), { [Symbol.asyncDispose]: async () => pool?.close() });
}

/** The error that an API's `Status` object describes. */
export function toClusterError(
  status: { code?: number; reason?: string; message?: string },
  retryAfterMs?: number,
) {
  const code = status.code ?? 500;
  return new ClusterError(
    code,
    status.reason ?? 'Unknown',
    status.message ?? `The cluster answered ${code}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

async function refusal(response: ResponseContext): Promise<ClusterError> {
  const code = response.httpStatusCode;
  const seconds = Number(response.headers['retry-after']);
  const mayRepeat = (code === 429 || code === 503) && seconds >= 0;
  const text = await response.body.text();
  let status: object = {};
  try {
    status = JSON.parse(text) as object;
  } catch {
    status = { message: text.slice(0, 500) };
  }
  return toClusterError({ ...status, code }, mayRepeat ? seconds * 1000 : undefined);
}

function unreachable(server: string, cause: unknown): ClusterError {
  const why =
    cause instanceof Error
      ? cause.cause instanceof Error
        ? cause.cause.message
        : cause.message
      : String(cause);
  return new ClusterError(0, 'Unreachable', `No answer from ${server}: ${why}`, { cause });
}
