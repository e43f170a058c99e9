import { pino, type DestinationStream, type Logger } from 'pino';
import { idsForLog } from './scope.js';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Values under these names never reach the log, up to this depth. */
const SECRETS = new Set(['authorization', 'cookie', 'token', 'password', 'secret', 'clientSecret', 'apiKey']);
const DEPTH_MAX = 3;

/**
 * Structured logs, one JSON object per line. `name` is the part of Fleetgraph that speaks. A line carries the ids of the
 * request and the trace that it is a part of (see scope.ts). Log facts as fields and a short constant message; never log a
 * request's variables or an answer's data.
 */
export function createLog(options: {
  name: string;
  level?: LogLevel | undefined;
  destination?: DestinationStream | undefined;
}): Log {
  const { name, level = 'info', destination } = options;
  const settings = {
    name,
    level,
    formatters: { log: (facts: Record<string, unknown>) => withoutSecrets(facts, DEPTH_MAX) },
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    mixin: idsForLog,
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { pid: process.pid },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** The same object where there is nothing to hide, which is nearly always: pino's own redaction costs more than a line. */
function withoutSecrets(facts: Record<string, unknown>, depth: number): Record<string, unknown> {
  let shown = facts;
  for (const name of Object.keys(facts)) {
    const replaced = SECRETS.has(name) ? '[hidden]' : inner(facts[name], depth - 1);
    if (replaced === facts[name]) continue;
    if (shown === facts) shown = { ...facts };
    shown[name] = replaced;
  }
  return shown;
}

const inner = (value: unknown, depth: number) =>
  depth > 0 && isPlain(value) ? withoutSecrets(value, depth) : value;

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
