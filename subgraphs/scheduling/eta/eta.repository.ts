import type { Database } from '../../../platform/database/database.js';
import type { FinishedRun } from './durations.js';
import type { EtaPromise } from './promises.js';

type Reader = Pick<Database, 'prisma'>;

/** What is remembered from before the process was started. */
const RUNS_MAX = 2_000;
const PROMISES_MAX = 300;

/** Attempts that ran and ended last, oldest first. */
export async function readFinishedRuns({ prisma }: Reader): Promise<FinishedRun[]> {
  const rows = await prisma.$queryRaw<FinishedRun[]>`
    SELECT project_id AS "projectId", last->>'gpuModelId' AS "gpuModelId", max_runtime_seconds AS "maxRuntimeSeconds",
      extract(epoch FROM (last->>'endedAt')::timestamptz - (last->>'startedAt')::timestamptz)::float AS seconds
    FROM (SELECT *, state->'attempts'->-1 AS last FROM scheduling.job
      WHERE ended_at IS NOT NULL AND started_at IS NOT NULL ORDER BY ended_at DESC LIMIT ${RUNS_MAX}) AS ended
    WHERE last->>'endedAt' IS NOT NULL`;
  return rows.reverse();
}

/** Those that were kept or broken last, oldest first, and those of jobs that still wait. */
export async function readPromises({ prisma }: Reader): Promise<EtaPromise[]> {
  const settled = await prisma.etaPromise.findMany({
    where: { startedAt: { not: null } },
    orderBy: { startedAt: 'desc' },
    take: PROMISES_MAX,
  });
  const open = await prisma.etaPromise.findMany({ where: { startedAt: null } });
  return [...settled.reverse(), ...open].map((row) => ({
    ...row,
    madeAt: row.madeAt.getTime(),
    p50: row.p50?.getTime() ?? null,
    p90: row.p90.getTime(),
    startedAt: row.startedAt?.getTime() ?? null,
  }));
}

/** Stores new promises and what became of others. `droppedIds`: jobs that will never start. */
export async function savePromises(
  { prisma }: Reader,
  changed: readonly EtaPromise[],
  droppedIds: readonly string[],
): Promise<void> {
  if (changed.length > 0)
    await prisma.$executeRaw`
      INSERT INTO scheduling.eta_promise
        (job_id, attempt, queue_id, made_at, p50, p90, stretch_50, stretch_90, started_at)
      SELECT p."jobId", p.attempt, p."queueId", to_timestamp(p."madeAt" / 1000.0), to_timestamp(p.p50 / 1000.0),
        to_timestamp(p.p90 / 1000.0), p.stretch50, p.stretch90, to_timestamp(p."startedAt" / 1000.0)
      FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS p ("jobId" text, attempt int, "queueId" text,
        "madeAt" float, p50 float, p90 float, stretch50 float, stretch90 float, "startedAt" float)
      ON CONFLICT (job_id, attempt) DO UPDATE SET started_at = excluded.started_at`;
  if (droppedIds.length > 0)
    await prisma.etaPromise.deleteMany({ where: { jobId: { in: [...droppedIds] }, startedAt: null } });
}

/** Promises are kept so long after they were settled: the latest say how good the next ones are. */
const KEPT_DAYS = 90;

export async function forgetOldPromises({ prisma }: Reader): Promise<void> {
  await prisma.$executeRaw`
    DELETE FROM scheduling.eta_promise WHERE started_at < clock_timestamp() - make_interval(days => ${KEPT_DAYS}::int)`;
}
