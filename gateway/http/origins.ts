import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Which web pages may call: those that this server served itself, and those of `origins` (`https://host:port`).
 * Clients that are not browsers send no `Origin` and are not judged here.
 */
export function createOriginPolicy(origins: readonly string[]) {
  const isAllowed = ({ headers }: IncomingMessage): boolean => {
    const { origin, host } = headers;
    return origin === undefined || origins.includes(origin) || hostOf(origin) === host;
  };

  return {
    isAllowed,
    /** Tells the browser what it may do. True when that was all it asked (a preflight), and the answer is written. */
    answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
      const { origin } = request.headers;
      if (origin !== undefined && origins.includes(origin)) {
        response.setHeader('access-control-allow-origin', origin);
        response.setHeader('access-control-expose-headers', 'x-request-id, fleetgraph-positions');
        response.setHeader('vary', 'origin');
      }
      if (request.method !== 'OPTIONS') return false;
      response.writeHead(204, { ...PREFLIGHT, allow: 'GET, POST, OPTIONS' }).end();
      return true;
    },
  };
}

export type OriginPolicy = ReturnType<typeof createOriginPolicy>;

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers':
    'authorization, content-type, x-request-id, x-correlation-id, x-requested-with, apollo-require-preflight, fleetgraph-positions',
  'access-control-max-age': '600',
};

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
