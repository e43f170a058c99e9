import { z } from 'zod';
import type { SampleTopic } from '../../../platform/log/kafkaSamples.js';
import { MEASURES, type Reading } from './reading.js';
import type { Scraped } from './scraper.js';

/** Measurements say what is now: an hour is for whoever was away for a moment. */
export const GPU_METRICS_TOPIC: SampleTopic = {
  name: 'fleetgraph.gpu.metrics',
  partitions: 12,
  retentionMs: 3_600_000,
};

/** What one look at a node's exporter has told, as docs/events.md describes it. */
export type NodeSample = {
  readonly nodeId: string;
  readonly at: string;
  readonly gpus: readonly SampledGpu[];
};

type SampledGpu = Reading & { readonly gpuId: string; readonly uuid: string | null };

export const toSample = (nodeId: string, scraped: Scraped): NodeSample => ({
  nodeId,
  at: new Date(scraped[0]?.atMs ?? Date.now()).toISOString(),
  gpus: scraped.map(({ gpuId, uuid, reading }) => ({ gpuId, uuid, ...reading })),
});

const Measure = z.number().nullable();
const Sample = z.object({
  nodeId: z.string(),
  at: z.iso.datetime(),
  gpus: z.array(
    z.object({
      gpuId: z.string(),
      uuid: z.string().nullable(),
      ...(Object.fromEntries(MEASURES.map((measure) => [measure, Measure])) as Record<
        keyof Reading,
        typeof Measure
      >),
    }),
  ),
});

/** Null for what is no sample. */
export function readSample(value: unknown): Scraped | null {
  const { data } = Sample.safeParse(value);
  if (!data) return null;
  const atMs = Date.parse(data.at);
  return data.gpus.map(({ gpuId, uuid, ...reading }) => ({ gpuId, uuid, atMs, reading }));
}
