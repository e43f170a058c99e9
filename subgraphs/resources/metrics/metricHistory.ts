import { badUserInput } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { AllocationState } from '../allocation/allocation.js';
import type { Context } from '../context.js';
import type { GpuMetricSelector, GpuMetricStep, GpuMetricWindowInput } from './gpuMetrics.inputs.js';
import { type GpuMetricSample, toGpuMetrics } from './gpuMetrics.type.js';
import type { Step } from './history.repository.js';
import { MEASURES, type Reading } from './reading.js';
import { readSelection } from './selection.js';

const stepSeconds: Readonly<Record<keyof typeof GpuMetricStep, Step>> = {
  TEN_SECONDS: 10,
  MINUTE: 60,
  HOUR: 3600,
};

/** An answer has no more items. */
const SAMPLES_MAX = 20_000;

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;

/** Every step of the window for every selected device, the steps without measurements too. */
export async function readMetricHistory(
  options: { selector: GpuMetricSelector; window: GpuMetricWindowInput; step: keyof typeof GpuMetricStep },
  context: Context,
): Promise<GpuMetricSample[]> {
  const { window } = options;
  const step = stepSeconds[options.step];
  const stepMs = step * 1_000;
  if (window.to <= window.from)
    throw badUserInput([{ path: ['window', 'to'], message: 'must be later than `from`' }]);
  const selection = await readSelection(options.selector, context);
  const fromMs = Math.floor(window.from.getTime() / stepMs) * stepMs;
  const toMs = Math.min(window.to.getTime(), Date.now());
  const span = { from: new Date(fromMs), to: new Date(toMs) };

  const { occupants, metrics } = context;
  const allocations = groupByGpu(await occupants.during(selection, span));
  const gpuIds = 'gpuIds' in selection ? selection.gpuIds : [...allocations.keys()].sort();
  const steps = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  if (steps * gpuIds.length > SAMPLES_MAX)
    throw badUserInput([
      { path: ['window'], message: `${steps * gpuIds.length} items, at most ${SAMPLES_MAX} at a time` },
    ]);

  const measured = await metrics.history.read(gpuIds, step, span);
  const readings = new Map(measured.map(({ gpuId, atMs, reading }) => [`${gpuId} ${atMs}`, reading]));
  const samples: GpuMetricSample[] = [];
  for (const gpuId of gpuIds)
    for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
      const holder = holderWithin(allocations.get(gpuId) ?? [], atMs, atMs + stepMs);
      if (!holder && !('gpuIds' in selection)) continue;
      const values = toGpuMetrics(atMs, readings.get(`${gpuId} ${atMs}`) ?? nothing);
      samples.push(Object.assign(values, { gpuId, skipped: 0, holder }));
    }
  return samples;
}

type Allocation = Existing<AllocationState>;

function groupByGpu(allocations: readonly Allocation[]): Map<string, Allocation[]> {
  const groups = new Map<string, Allocation[]>();
  for (const allocation of allocations) {
    const { gpuId } = allocation.state;
    groups.set(gpuId, [...(groups.get(gpuId) ?? []), allocation]);
  }
  return groups;
}

/** Who had the device within the step; of several the last one. */
function holderWithin(allocations: readonly Allocation[], fromMs: number, toMs: number) {
  const found = allocations.findLast(
    ({ state }) => Date.parse(state.from) < toMs && (state.to === null || Date.parse(state.to) > fromMs),
  );
  return found ? { owner: found.state.owner, projectId: found.state.projectId } : null;
}
