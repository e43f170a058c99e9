import { badUserInput } from '../../../platform/errors.js';
import type { Context } from '../context.js';
import type { GpuMetricSelector } from './gpuMetrics.inputs.js';
import { type GpuMetricSample, toGpuMetrics } from './gpuMetrics.type.js';
import { metricFrames } from './metricFrames.js';
import { holds, readSelection, type Selection } from './selection.js';

export type MetricFeedArgs = { selector: GpuMetricSelector; maxHz?: number | null };

const HZ_DEFAULT = 1;
const HZ_MAX = 10;

/** Refused at once for who may not see what is selected; then it is open until the call's signal aborts. */
export async function openMetricFeed(
  { selector, maxHz }: MetricFeedArgs,
  context: Context,
): Promise<AsyncIterable<GpuMetricSample[]>> {
  const hz = maxHz ?? HZ_DEFAULT;
  if (!(hz > 0 && hz <= HZ_MAX))
    throw badUserInput([{ path: ['maxHz'], message: `more than 0 and at most ${HZ_MAX} is needed` }]);
  return feed(await readSelection(selector, context), hz, context);
}

async function* feed(
  selection: Selection,
  maxHz: number,
  context: Context,
): AsyncGenerator<GpuMetricSample[]> {
  const { latest, occupancy } = context.metrics;
  const { signal } = context.call;
  const select = async () => idsOf(selection, await occupancy.now());
  for await (const { measured, skipped } of metricFrames({ latest, select, maxHz, signal })) {
    const holders = await occupancy.now();
    // What the loaders have read is as old as the frame before.
    context.forget();
    yield measured.map(({ gpuId, atMs, reading }) =>
      Object.assign(toGpuMetrics(atMs, reading), { gpuId, skipped, holder: holders.get(gpuId) ?? null }),
    );
  }
}

type Holders = Awaited<ReturnType<Context['metrics']['occupancy']['now']>>;

const idsOf = (selection: Selection, holders: Holders): readonly string[] =>
  'gpuIds' in selection
    ? selection.gpuIds
    : [...holders].filter(([, holder]) => holds(selection, holder)).map(([gpuId]) => gpuId);
