import type { Database } from '../database/database.js';
import { unavailable } from '../errors.js';

/** What the replicas of a subgraph have accepted together. */
export interface SharedNonces {
  /** False if any of them has seen it before. Fails with UNAVAILABLE while the database does not answer. */
  claim(nonce: string): Promise<boolean>;
}

/** Longer than any signature is good for. */
const KEPT_SECONDS = 120;
const FORGET_EVERY_MS = 60_000;

type Claim = { nonce: string; resolve: (isFirst: boolean) => void; reject: (error: unknown) => void };

/**
 * Nonces as rows of the database that the replicas share. What is claimed while a statement is under way goes into the
 * next one, so that many calls at once cost few statements.
 */
export function createSharedNonces({ prisma }: Pick<Database, 'prisma'>, audience: string): SharedNonces {
  let waiting: Claim[] = [];
  let isRunning = false;
  let forgottenMs = Number.NEGATIVE_INFINITY;

  async function store(nonces: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await prisma.$queryRaw<{ nonce: string }[]>`
      INSERT INTO eventlog.nonce (audience, nonce) SELECT ${audience}, unnest(${nonces}::text[])
      ON CONFLICT DO NOTHING RETURNING nonce`;
    return new Set(rows.map(({ nonce }) => nonce));
  }

  async function forget(): Promise<void> {
    if (performance.now() - forgottenMs < FORGET_EVERY_MS) return;
    forgottenMs = performance.now();
    await prisma.$executeRaw`
      DELETE FROM eventlog.nonce WHERE audience = ${audience}
        AND seen_at < clock_timestamp() - make_interval(secs => ${KEPT_SECONDS})`;
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const claims = waiting;
      waiting = [];
      try {
        const first = await store(claims.map(({ nonce }) => nonce));
        for (const { nonce, resolve } of claims) resolve(first.has(nonce));
        await forget();
      } catch (cause) {
        const error = Object.assign(unavailable('The database'), { cause });
        for (const { reject } of claims) reject(error);
      }
    }
  }

  return {
    claim: (nonce) =>
      new Promise((resolve, reject) => {
        waiting.push({ nonce, resolve, reject });
        if (isRunning) return;
        isRunning = true;
        void run().finally(() => (isRunning = false));
      }),
  };
}
