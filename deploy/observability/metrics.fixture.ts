import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { collectDefaultMetrics } from 'prom-client';
import { projectRoot } from '../../platform/compiled.js';
import { registry } from '../../platform/telemetry/metrics.js';

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

const FOLDERS = ['platform', 'gateway', 'subgraphs', 'fleet'];
const MAKES_METRICS = /\bcreate(?:Counter|Durations|Gauge|Reading)\(\s*'/;
const OURS = /^(fleetgraph|process|nodejs)_/;

/** Every metric that any process publishes: all modules that make some are loaded, and those of the process are measured. */
export async function allMetrics(): Promise<Metric[]> {
  for (const file of FOLDERS.flatMap(filesIn))
    if (MAKES_METRICS.test(readFileSync(file, 'utf8')))
      await import(join('..', '..', relative(projectRoot, file)).replace(/\.ts$/, '.js'));
  if (!registry.getSingleMetric('process_resident_memory_bytes'))
    collectDefaultMetrics({ register: registry });
  return registry
    .getMetricsAsArray()
    .map((metric) => ({ ...metric, labels: labelsOf(metric) }) as unknown as Metric)
    .filter(({ name }) => OURS.test(name));
}

const labelsOf = (metric: object): readonly string[] =>
  'labelNames' in metric ? (metric.labelNames as string[]).filter((label) => label !== 'le') : [];

const filesIn = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|e2e|fixture|suite)\.ts$/.test(file))
    .map((file) => join(projectRoot, folder, file))
    .filter((file) => !file.includes('generated'));
