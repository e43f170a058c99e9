import type { Database } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import { type Measure, MEASURES, type Measured, type Reading } from './reading.js';

/** How long a step is, in seconds. */
export type Step = 10 | 60 | 3600;

/** What many measurements of a GPU within one step come to. */
export type Rollup = Measured & { readonly samples: number };

const DAY_S = 86_400;

/** How long each step is kept, in seconds. */
const KEPT_S: Readonly<Record<Step, number>> = { 10: DAY_S / 4, 60: 14 * DAY_S, 3600: 400 * DAY_S };
const FINEST: Step = 10;
const COARSER: readonly [from: Step, to: Step][] = [
  [10, 60],
  [60, 3600],
];

const columnOf: Readonly<Record<Measure, string>> = {
  utilization: 'utilization',
  memoryUsedMiB: 'memory_used_mib',
  memoryTotalMiB: 'memory_total_mib',
  powerW: 'power_w',
  temperatureC: 'temperature_c',
  memoryTemperatureC: 'memory_temperature_c',
  engineActive: 'engine_active',
  tensorActive: 'tensor_active',
  memoryActive: 'memory_active',
  smClockMhz: 'sm_clock_mhz',
  energyKwh: 'energy_kwh',
  lastXid: 'last_xid',
};

/** Of these the last value stands for the step; of all others the mean does. */
export const LAST_COUNTS: ReadonlySet<Measure> = new Set(['energyKwh', 'lastXid']);

const sqlOf = (toText: (column: string, measure: Measure) => string) =>
  Prisma.raw(MEASURES.map((measure) => toText(columnOf[measure], measure)).join(', '));
const COLUMNS = sqlOf((column) => column);
const TYPED = sqlOf((column) => `${column} double precision`);
const REPLACED = sqlOf((column) => `${column} = excluded.${column}`);
const CONDENSED = sqlOf((column, measure) =>
  LAST_COUNTS.has(measure)
    ? `(array_agg(${column} ORDER BY started_at DESC))[1]`
    : `sum(${column} * samples) / sum(samples) FILTER (WHERE ${column} IS NOT NULL)`,
);

/** A step of a device: when it began, in seconds, and its values in the order of `MEASURES`. */
type Row = [gpuId: string, startedS: number, ...values: (number | null)[]];

export type MetricHistory = ReturnType<typeof createMetricHistory>;

/** What GPUs were measured to do, in steps of 10 s, a minute and an hour. A step without measurements has no row. */
export function createMetricHistory(prisma: Database['prisma']) {
  async function condense(from: Step, to: Step, since: Date): Promise<void> {
    await prisma.$executeRaw`
      INSERT INTO metrics.gpu_metric (gpu_id, step_s, started_at, samples, ${COLUMNS})
      SELECT gpu_id, ${to}::int, date_bin(${`${to} seconds`}::interval, started_at, 'epoch'), sum(samples)::int, ${CONDENSED}
      FROM metrics.gpu_metric
      WHERE step_s = ${from}::int AND started_at >= date_bin(${`${to} seconds`}::interval, ${since}::timestamptz, 'epoch')
      GROUP BY 1, 3
      ON CONFLICT (gpu_id, step_s, started_at) DO UPDATE SET samples = excluded.samples, ${REPLACED}`;
  }

  return {
    /** Stores steps of 10 s. Of two that tell of the same step the one that saw more stays. */
    async write(rollups: readonly Rollup[]): Promise<void> {
      const rows = rollups.map(({ gpuId, atMs, samples, reading }) => ({
        gpu_id: gpuId,
        started_at: new Date(atMs).toISOString(),
        samples,
        ...Object.fromEntries(MEASURES.map((measure) => [columnOf[measure], reading[measure]])),
      }));
      await prisma.$executeRaw`
        INSERT INTO metrics.gpu_metric (gpu_id, step_s, started_at, samples, ${COLUMNS})
        SELECT gpu_id, ${FINEST}::int, started_at, samples, ${COLUMNS}
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS row (gpu_id text, started_at timestamptz, samples int, ${TYPED})
        ON CONFLICT (gpu_id, step_s, started_at) DO UPDATE SET samples = excluded.samples, ${REPLACED}
        WHERE excluded.samples > gpu_metric.samples`;
    },

    /** Makes the coarser steps of all that was measured since then, and of what their first steps held before. A repeat changes nothing. */
    async condenseSince(since: Date): Promise<void> {
      for (const [from, to] of COARSER) await condense(from, to, since);
    },

    /** Forgets what is older than its step is kept. */
    async expire(now: Date): Promise<void> {
      for (const [step, keptS] of Object.entries(KEPT_S)) {
        const oldest = new Date(now.getTime() - keptS * 1_000);
        await prisma.$executeRaw`
          DELETE FROM metrics.gpu_metric WHERE step_s = ${Number(step)}::int AND started_at < ${oldest}::timestamptz`;
      }
    },

    /** The steps that begin within the window, in the order of devices and time. */
    async read(
      gpuIds: readonly string[],
      step: Step,
      { from, to }: { from: Date; to: Date },
    ): Promise<Measured[]> {
      // As one text, because taking a thousand rows apart column by column takes four times as long.
      const [answer] = await prisma.$queryRaw<{ rows: string }[]>`
        SELECT coalesce(json_agg(json_build_array(gpu_id, extract(epoch FROM started_at)::bigint, ${COLUMNS})
          ORDER BY gpu_id, started_at), '[]')::text AS rows
        FROM metrics.gpu_metric
        WHERE gpu_id = ANY(${gpuIds}) AND step_s = ${step}::int
          AND started_at >= ${from}::timestamptz AND started_at < ${to}::timestamptz`;
      return (JSON.parse(answer?.rows ?? '[]') as Row[]).map(([gpuId, startedS, ...values]) => ({
        gpuId,
        atMs: startedS * 1_000,
        reading: Object.fromEntries(MEASURES.map((measure, n) => [measure, values[n] ?? null])) as Reading,
      }));
    },
  };
}
