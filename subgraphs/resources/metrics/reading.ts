/** What is measured of a GPU; the units are in the names, shares are from 0 to 1, utilization is in percent. */
export const MEASURES = [
  'utilization',
  'memoryUsedMiB',
  'memoryTotalMiB',
  'powerW',
  'temperatureC',
  'memoryTemperatureC',
  'engineActive',
  'tensorActive',
  'memoryActive',
  'smClockMhz',
  'energyKwh',
  'lastXid',
] as const;

export type Measure = (typeof MEASURES)[number];

/** One measurement of a GPU; null is what its exporter does not tell. */
export type Reading = Readonly<Record<Measure, number | null>>;

export type Measured = { readonly gpuId: string; readonly atMs: number; readonly reading: Reading };

export const isSame = (one: Reading, other: Reading): boolean =>
  MEASURES.every((measure) => one[measure] === other[measure]);
