import { Prisma } from '../database/generated/client.js';
import type { Database } from '../database/database.js';

/** Who asks for a lease, and for how long. */
export type Claim = {
  readonly name: string;
  readonly holder: string;
  /** What the holders of this process begin with. */
  readonly processId: string;
  readonly termMs: number;
};

/** The lease's row, by the database's clock alone. */
export function createLeaseRow({ prisma, kind }: Database, { name, holder, processId, termMs }: Claim) {
  const end = Prisma.sql`clock_timestamp() + make_interval(secs => ${termMs / 1_000}::float8)`;
  // A PGlite folder has one process at a time: a holder from another one is gone.
  const isAlone = kind === 'pglite';
  const isFree = Prisma.sql`(lease.expires_at <= clock_timestamp() OR lease.holder = ${holder}
    OR (${isAlone} AND NOT starts_with(lease.holder, ${processId})))`;

  return {
    /** Begins a term if nobody has one; answers its epoch. */
    async take(): Promise<bigint | null> {
      // Looking locks nothing, and nearly always finds that somebody leads.
      const held = await prisma.$queryRaw<unknown[]>`
        SELECT name FROM eventlog.lease AS lease WHERE name = ${name} AND NOT ${isFree}`;
      if (held.length > 0) return null;
      const rows = await prisma.$queryRaw<{ epoch: bigint }[]>`
        INSERT INTO eventlog.lease AS lease (name, holder, epoch, expires_at) VALUES (${name}, ${holder}, 1, ${end})
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = lease.epoch + 1, expires_at = ${end}
        WHERE ${isFree} RETURNING epoch`;
      return rows[0]?.epoch ?? null;
    },

    /** Prolongs a term. False if it is over, even if nobody has begun another. */
    async renew(epoch: bigint): Promise<boolean> {
      const renewed = await prisma.$executeRaw`
        UPDATE eventlog.lease SET expires_at = ${end}
        WHERE name = ${name} AND holder = ${holder} AND epoch = ${epoch} AND expires_at > clock_timestamp()`;
      return renewed > 0;
    },

    /** Ends a term, so that another can begin at once. */
    async release(epoch: bigint): Promise<void> {
      await prisma.$executeRaw`
        UPDATE eventlog.lease SET expires_at = clock_timestamp()
        WHERE name = ${name} AND holder = ${holder} AND epoch = ${epoch}`;
    },
  };
}
