import type { PrismaClient } from './generated/client.js';

/** The database's time, to the millisecond: the one clock that all processes share. */
export async function readClock(reader: Pick<PrismaClient, '$queryRaw'>): Promise<Date> {
  const rows = await reader.$queryRaw<{ now: Date }[]>`
    SELECT date_trunc('milliseconds', clock_timestamp()) AS now`;
  const now = rows[0]?.now;
  if (!now) throw new Error('The database told no time');
  return now;
}
