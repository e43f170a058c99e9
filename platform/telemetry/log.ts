import { pino } from 'pino';

export type Log = pino.Logger;

/** Structured logs on standard output, one JSON object a line. Credentials never get into them. */
export const createLog = (level: string): Log =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    redact: ['authorization', '*.authorization', 'headers.authorization', '*.password', '*.token'],
  });

/** For tests and tools that want no log. */
export const silentLog = (): Log => pino({ level: 'silent' });
