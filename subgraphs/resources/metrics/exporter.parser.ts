import type { Reading } from './reading.js';

/** A device of the exporter's node. Null is what the exporter does not tell. */
export type ExporterDevice = {
  readonly index: number;
  readonly uuid: string | null;
  readonly reading: Reading;
};

const FIELDS: Readonly<Record<string, Field>> = {
  DCGM_FI_DEV_GPU_UTIL: 'utilization',
  DCGM_FI_DEV_FB_USED: 'used',
  DCGM_FI_DEV_FB_FREE: 'free',
  DCGM_FI_DEV_FB_RESERVED: 'reserved',
  DCGM_FI_DEV_POWER_USAGE: 'power',
  DCGM_FI_DEV_GPU_TEMP: 'temperature',
  DCGM_FI_DEV_MEMORY_TEMP: 'memoryTemperature',
  DCGM_FI_DEV_SM_CLOCK: 'smClock',
  DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION: 'energyMj',
  DCGM_FI_DEV_XID_ERRORS: 'xid',
  DCGM_FI_PROF_GR_ENGINE_ACTIVE: 'engineActive',
  DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: 'tensorActive',
  DCGM_FI_PROF_DRAM_ACTIVE: 'dramActive',
};

type Field =
  | 'utilization'
  | 'used'
  | 'free'
  | 'reserved'
  | 'power'
  | 'temperature'
  | 'memoryTemperature'
  | 'smClock'
  | 'energyMj'
  | 'xid'
  | 'engineActive'
  | 'tensorActive'
  | 'dramActive';

type Values = Partial<Record<Field, number>>;
type Slice = { readonly share: number; readonly values: Values };
type Device = { readonly index: number; uuid: string | null; whole: Values; slices: Map<string, Slice> };

const MJ_PER_KWH = 3.6e9;
/** DCGM writes what it does not know as numbers beyond this: 2^47 and more for fractions, 2^63 for counts. */
const UNKNOWN_FROM = 1e14;
/** A GPU has so many compute slices when it is divided. */
const SLICES = 7;

/**
 * The devices that a dcgm-exporter shows, by index. Lines of other metrics and lines that are none are passed over. Where
 * a device is divided (MIG), memory is summed over its slices and activity is weighted by their compute slices.
 */
export function parseExporterText(text: string): ExporterDevice[] {
  const devices = new Map<number, Device>();
  // A device repeats its labels with every metric.
  const placeByLabels = new Map<string, Values | null>();
  for (const { field, labels, value } of samplesOf(text)) {
    let values = placeByLabels.get(labels);
    if (values === undefined) placeByLabels.set(labels, (values = placeOf(labels, devices)));
    if (values) values[field] = value;
  }
  return [...devices.values()].sort((a, b) => a.index - b.index).map(toExporterDevice);
}

function* samplesOf(text: string): Generator<{ field: Field; labels: string; value: number }> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 1;
    const open = line.indexOf('{');
    const close = line.lastIndexOf('}');
    const field = open > 0 && close > open ? FIELDS[line.slice(0, open)] : undefined;
    if (field === undefined) continue;
    const [amount = ''] = line
      .slice(close + 1)
      .trim()
      .split(' ');
    const value = amount === '' ? NaN : Number(amount);
    if (Math.abs(value) < UNKNOWN_FROM || (field === 'energyMj' && value < 2 ** 62))
      yield { field, labels: line.slice(open + 1, close), value };
  }
}

/** Where the values of a line go: to a device, or to a slice of it; null where the line names no device. */
function placeOf(labels: string, devices: Map<number, Device>): Values | null {
  const gpu = labelOf(labels, 'gpu') ?? '';
  if (!/^\d+$/.test(gpu)) return null;
  const index = Number(gpu);
  const device = devices.get(index) ?? { index, uuid: null, whole: {}, slices: new Map<string, Slice>() };
  devices.set(index, device);
  device.uuid ??= labelOf(labels, 'UUID') || null;
  const instance = labelOf(labels, 'GPU_I_ID') ?? '';
  if (instance === '') return device.whole;
  const known = device.slices.get(instance);
  if (known) return known.values;
  const compute = Number(/^(\d+)g\./.exec(labelOf(labels, 'GPU_I_PROFILE') ?? '')?.[1] ?? 0);
  const slice = { share: compute / SLICES, values: {} };
  device.slices.set(instance, slice);
  return slice.values;
}

/** Quotes inside of values are escaped, so that a label's name with `="` is found nowhere else. */
function labelOf(labels: string, name: string): string | null {
  const key = `${name}="`;
  const at = labels.startsWith(key) ? 0 : labels.indexOf(`,${key}`) + 1;
  if (at === 0 && !labels.startsWith(key)) return null;
  const from = at + key.length;
  const to = labels.indexOf('"', from);
  return to < 0 ? null : labels.slice(from, to);
}

function toExporterDevice({ index, uuid, whole, slices }: Device): ExporterDevice {
  const parts = [...slices.values()];
  const told = (field: Field) => parts.filter(({ values }) => values[field] !== undefined);
  const combined = (field: Field, combine: (parts: readonly Slice[]) => number) => {
    const tellers = told(field);
    return whole[field] ?? (tellers.length > 0 ? combine(tellers) : null);
  };
  // Every slice repeats what is true of the whole device.
  const one = (field: Field) => combined(field, ([first]) => first?.values[field] ?? 0);
  const sum = (field: Field) =>
    combined(field, (all) => all.reduce((total, { values }) => total + (values[field] ?? 0), 0));
  const share = (field: Field) =>
    combined(field, (all) =>
      Math.min(
        1,
        all.reduce((total, part) => total + part.share * (part.values[field] ?? 0), 0),
      ),
    );

  const used = sum('used');
  const free = sum('free');
  const engineActive = share('engineActive');
  const energyMj = one('energyMj');
  const reading: Reading = {
    // A divided device has no utilization of its own.
    utilization: whole.utilization ?? (engineActive === null ? null : engineActive * 100),
    memoryUsedMiB: used,
    memoryTotalMiB: used === null || free === null ? null : used + free + (sum('reserved') ?? 0),
    powerW: one('power'),
    temperatureC: one('temperature'),
    memoryTemperatureC: one('memoryTemperature'),
    engineActive,
    tensorActive: share('tensorActive'),
    memoryActive: share('dramActive'),
    smClockMhz: one('smClock'),
    energyKwh: energyMj === null ? null : energyMj / MJ_PER_KWH,
    lastXid: one('xid'),
  };
  return { index, uuid, reading };
}
