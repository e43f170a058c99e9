import type { IncomingMessage, ServerResponse } from 'node:http';
import { PublicError } from '../errors.js';
import type { Log } from '../telemetry/log.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Fails while a part that requests need is not there. A `PublicError`'s message is shown as the reason. */
export type ReadinessCheck = () => Promise<void>;

export interface HealthOptions {
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly isDraining: () => boolean;
  readonly log: Log;
}

const CHECK_TIMEOUT_MS = 2_000;

/** `/livez`: the process answers. `/readyz`: it can serve; otherwise 503 and a reason for each part that is missing. */
export function createHealth({ checks, isDraining, log }: HealthOptions): Record<'livez' | 'readyz', Handle> {
  async function reasonsNotReady(): Promise<Record<string, string>> {
    if (isDraining()) return { process: 'It is shutting down' };
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await reasonOf(name, check)] as const),
    );
    return Object.fromEntries(results.flatMap(([name, reason]) => (reason === null ? [] : [[name, reason]])));
  }

  async function reasonOf(name: string, check: ReadinessCheck): Promise<string | null> {
    try {
      await withTimeout(check());
      return null;
    } catch (error) {
      if (error instanceof PublicError) return error.message;
      log.warn({ err: error, check: name }, 'not ready');
      return 'It cannot be used now';
    }
  }

  return {
    livez: (_request, response) => writeJson(response, 200, { alive: true }),
    readyz: async (_request, response) => {
      const reasons = await reasonsNotReady();
      const ready = Object.keys(reasons).length === 0;
      writeJson(response, ready ? 200 : 503, ready ? { ready } : { ready, reasons });
    },
  };
}

export const writeJson = (response: ServerResponse, status: number, value: unknown): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(value));

function withTimeout(check: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)),
      CHECK_TIMEOUT_MS,
    );
    check.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
