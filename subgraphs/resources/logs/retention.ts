import { z } from 'zod';

const MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** How long logs are kept: `36h`, `7d`; in milliseconds. */
export const logRetention = z
  .string()
  .regex(/^[1-9]\d{0,3}[hd]$/, 'hours or days are needed, as in 36h or 7d')
  .default('7d')
  .transform((text) => Number(text.slice(0, -1)) * (MS[text.slice(-1)] ?? 0));

export const LOG_RETENTION_MS = logRetention.parse(undefined);
