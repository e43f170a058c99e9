import { z } from 'zod';
import { buildWith } from '../disposables.js';
import type { Log } from './log.js';
import { startMetricsServer } from './metricsServer.js';
import { startTraceExport, TRACE_VARIABLES } from './traceExport.js';

const Environment = z.object({
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});

/** Every variable that is read here; OpenTelemetry's SDK reads more of its own. */
export const TELEMETRY_VARIABLES = [...Object.keys(Environment.shape), ...TRACE_VARIABLES];

/**
 * What every process tells of itself, as far as its environment asks for it: metrics on a port of their own, and traces.
 * Nobody asks for either by default. Disposing it sends the last spans.
 */
export function startTelemetry(env: NodeJS.ProcessEnv, name: string, log: Log): Promise<AsyncDisposable> {
  return buildWith(async ({ use }) => {
    const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
    const { METRICS_HOST: host, METRICS_PORT: port } = Environment.parse(given);
    if (port !== undefined) {
      const { url } = use(await startMetricsServer({ host, port }));
      log.info({ url }, 'metrics');
    }
    use(await startTraceExport(env, name));
    return {};
  });
}
