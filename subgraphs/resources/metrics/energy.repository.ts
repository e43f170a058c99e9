import type { Database } from '../../../platform/database/database.js';

export type Energy = { jobId: string; energyKwh: number };

/**
 * What the devices of jobs used while the jobs had them: the power that was measured, over the part of each step that an
 * allocation lasted. Of every allocation the finest steps that are kept of its beginning count. Time in which nothing was
 * measured adds nothing; jobs of which nothing was measured at all are left out.
 */
export const readEnergy = (
  prisma: Pick<Database['prisma'], '$queryRaw'>,
  jobIds: readonly string[],
): Promise<Energy[]> =>
  prisma.$queryRaw<Energy[]>`
    WITH held AS (
      SELECT owner_id, gpu_id, opened_at, coalesce(closed_at, now()) AS closed_at,
        CASE WHEN opened_at > now() - interval '6 hours' THEN 10
          WHEN opened_at > now() - interval '14 days' THEN 60 ELSE 3600 END AS step_s
      FROM resources.allocation WHERE owner_kind = 'JOB' AND owner_id = ANY(${jobIds})
    )
    SELECT held.owner_id AS "jobId", sum(metric.power_w * extract(epoch FROM
      least(metric.started_at + make_interval(secs => metric.step_s), held.closed_at)
        - greatest(metric.started_at, held.opened_at)))::double precision / 3600000 AS "energyKwh"
    FROM held JOIN metrics.gpu_metric AS metric
      ON metric.gpu_id = held.gpu_id AND metric.step_s = held.step_s AND metric.power_w IS NOT NULL
        AND metric.started_at > held.opened_at - make_interval(secs => held.step_s)
        AND metric.started_at < held.closed_at
    GROUP BY 1`;
