import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Values under these names never reach the log, wherever they come from. */
const SECRETS = ['authorization', 'cookie', 'token', 'password', 'secret', 'clientSecret', 'apiKey'];

/**
 * Structured logs, one JSON object per line. `name` is the part of Fleetgraph that speaks. Log facts as fields and a
 * short constant message; never log a request's variables or an answer's data.
 */
export function createLog(options: {
  name: string;
  level?: LogLevel | undefined;
  destination?: DestinationStream | undefined;
}): Log {
  const { name, level = 'info', destination } = options;
  const redact = {
    paths: SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
    censor: '[hidden]',
  };
  const settings = {
    name,
    level,
    redact,
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { pid: process.pid },
  };
  return destination ? pino(settings, destination) : pino(settings);
}
