import { PublicError, unavailable } from '../errors.js';
import { systemPrincipal } from '../identity/principal.js';
import type { SigningKey } from '../identity/signature.js';
import type { Log } from '../telemetry/log.js';
import { traceHeaders } from '../telemetry/tracing.js';
import { createInternalSignatures } from './callHeaders.js';

/**
 * Another context's process, as this one reaches it. What it refuses is the same PublicError as in one process; if it
 * cannot be reached, does not answer in time or does not accept our signature, the error is UNAVAILABLE. Nothing is sent
 * twice: after UNAVAILABLE the caller does not know whether the call had an effect.
 */
export interface Peer {
  /** The context's name. */
  readonly name: string;
  /** `path` with its query string. Answers the JSON that came back. */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

export interface PeerOptions {
  readonly name: string;
  /** Its origin, for example `http://127.0.0.1:4011`. */
  readonly url: string;
  /** Who calls: a part of Fleetgraph. */
  readonly caller: string;
  readonly keys: readonly SigningKey[];
  readonly timeoutMs?: number;
  readonly log: Log;
}

const TIMEOUT_MS = 10_000;

export function createPeer(options: PeerOptions): Peer {
  const { name, url, timeoutMs = TIMEOUT_MS, log } = options;
  const signatures = createInternalSignatures(options.keys);
  const principal = systemPrincipal(options.caller);

  let away = false;

  /** Said once for each time that the peer is away, not for every call. */
  function noteAway(error: unknown): void {
    if (!away) log.warn({ error, peer: name }, 'peer cannot be reached');
    away = true;
  }

  function noteBack(): void {
    if (away) log.info({ peer: name }, 'peer is back');
    away = false;
  }

  async function send(method: 'GET' | 'POST', path: string, body: string): Promise<unknown> {
    const signature = signatures.signCall({ audience: name, method, path, body, headers: {} }, principal);
    const request = {
      method,
      headers: {
        ...signature,
        ...traceHeaders(),
        ...(method === 'POST' && { 'content-type': 'application/json' }),
      },
      ...(method === 'POST' && { body }),
      signal: AbortSignal.timeout(timeoutMs),
    };
    let answer: unknown;
    try {
      const response = await fetch(new URL(path, url), request);
      answer = await response.json();
    } catch (error) {
      noteAway(error);
      throw unavailable(name);
    }
    noteBack();
    const refusal = refusalIn(answer);
    if (!refusal) return answer;
    if (refusal.extensions.code !== 'UNAUTHENTICATED') throw refusal;
    log.error({ error: refusal, peer: name }, 'peer does not accept our signature');
    throw unavailable(name);
  }

  return {
    name,
    get: (path) => send('GET', path, ''),
    post: (path, body) => send('POST', path, JSON.stringify(body)),
  };
}

type Refusal = { errors: [{ message: string; extensions: PublicError['extensions'] }] };

function refusalIn(answer: unknown): PublicError | null {
  if (typeof answer !== 'object' || answer === null || !('errors' in answer)) return null;
  const [{ message, extensions }] = (answer as Refusal).errors;
  const { code, hint, details, retryable } = extensions;
  return new PublicError(code, message, hint, details, retryable);
}
