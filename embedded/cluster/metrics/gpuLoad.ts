/** What a GPU of one kind draws and how fast it runs. */
export type GpuTraits = { idleW: number; tdpW: number; smClockMhz: number; memoryClockMhz: number };

/** Who works on a GPU: the same work on the same seed gives the same readings. */
export type GpuWork = { seed: string; runningMs: number };

export type GpuReading = {
  /** From 0 to 1, as the other shares. */
  engineActive: number;
  tensorActive: number;
  dramActive: number;
  memoryUsedMiB: number;
  powerW: number;
  temperatureC: number;
  memoryTemperatureC: number;
  smClockMhz: number;
};

const traitsByFamily: Readonly<Record<string, GpuTraits>> = {
  hopper: { idleW: 70, tdpW: 700, smClockMhz: 1980, memoryClockMhz: 2619 },
  ampere: { idleW: 55, tdpW: 400, smClockMhz: 1410, memoryClockMhz: 1593 },
  'ada-lovelace': { idleW: 35, tdpW: 350, smClockMhz: 2520, memoryClockMhz: 9001 },
};

const unknownFamily: GpuTraits = { idleW: 40, tdpW: 300, smClockMhz: 1500, memoryClockMhz: 1500 };

/** By the label `nvidia.com/gpu.family`. */
export const traitsOf = (family: string | undefined): GpuTraits =>
  traitsByFamily[family ?? ''] ?? unknownFamily;

const IDLE_CLOCK_MHZ = 345;
const IDLE_MEMORY_MIB = 4;
const RAMP_MS = 6_000;
const LOADING_MS = 4_000;

/**
 * What a GPU shows at a moment: idle, or working: memory fills while the model loads, activity climbs after it and then
 * stays around a level of its own, with noise that changes every second.
 */
export function readGpu(
  traits: GpuTraits,
  memoryMiB: number,
  work: GpuWork | null,
  { id, nowMs }: { id: string; nowMs: number },
): GpuReading {
  const second = Math.floor(nowMs / 1_000);
  const noise = fraction(`${id} ${second}`) - 0.5;
  const activity = work ? activityOf(work, noise) : 0;
  const loaded = work ? Math.min(1, work.runningMs / LOADING_MS) * (0.55 + 0.35 * fraction(work.seed)) : 0;
  const temperatureC = Math.round(31 + 42 * activity + noise);
  const { idleW, tdpW, smClockMhz } = traits;
  return {
    engineActive: activity,
    tensorActive: activity * 0.62,
    dramActive: activity * 0.48,
    memoryUsedMiB: Math.round(IDLE_MEMORY_MIB + memoryMiB * loaded),
    powerW: idleW + 2 * noise + (tdpW - idleW) * 0.88 * activity,
    temperatureC,
    memoryTemperatureC: temperatureC + 7,
    smClockMhz: work ? Math.round(smClockMhz * (1 - 0.06 * activity)) : IDLE_CLOCK_MHZ,
  };
}

function activityOf({ seed, runningMs }: GpuWork, noise: number): number {
  const level = 0.82 + 0.13 * fraction(`${seed} level`);
  const ramp = 1 - Math.exp(-runningMs / RAMP_MS);
  return Math.max(0, Math.min(1, ramp * (level + 0.08 * noise)));
}

/** A number from 0 to 1 that a text always gives (FNV-1a, mixed once more so that near texts differ much). */
export function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
