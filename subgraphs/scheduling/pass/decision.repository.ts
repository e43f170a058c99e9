import type { Database } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Decision } from './decision.js';

/** Decisions are kept so long after they have ended. */
const KEPT_DAYS = 30;

/** Every statement has one row of it, or none if the decisions are not to be stored (see platform/lease/fence.ts). */
const UNFENCED = Prisma.sql`SELECT 1`;

/** Stores what a run decided, in as many statements however many decisions there are. */
export async function saveDecisions(
  { prisma }: Pick<Database, 'prisma'>,
  decisions: readonly Decision[],
  endedIds: readonly string[],
  fence: Prisma.Sql = UNFENCED,
): Promise<void> {
  if (decisions.length > 0)
    await prisma.$executeRaw`
      WITH fence AS (${fence})
      INSERT INTO scheduling.decision
        (id, class_key, project_id, queue_id, job_id, verdict, blockers, inputs, decided_at, ended_at)
      SELECT d.id, d."classKey", d."projectId", d."queueId", d."jobId", d.verdict, d.blockers, d.inputs, d."decidedAt",
        CASE WHEN d.verdict = 'START' THEN d."decidedAt" END
      FROM fence, jsonb_to_recordset(${JSON.stringify(decisions)}::jsonb) AS d (id text, "classKey" text, "projectId" text,
        "queueId" text, "jobId" text, verdict text, blockers jsonb, inputs jsonb, "decidedAt" timestamptz)
      ON CONFLICT DO NOTHING`;
  if (endedIds.length > 0)
    await prisma.$executeRaw`
      WITH fence AS (${fence})
      UPDATE scheduling.decision SET ended_at = clock_timestamp() FROM fence WHERE id = ANY(${[...endedIds]})`;
}

export async function forgetOldDecisions({ prisma }: Pick<Database, 'prisma'>): Promise<void> {
  await prisma.$executeRaw`
    DELETE FROM scheduling.decision WHERE ended_at < clock_timestamp() - make_interval(days => ${KEPT_DAYS}::int)`;
}
