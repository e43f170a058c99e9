import { expect, test } from 'vitest';
import { findGpuModel, gpuCatalogue } from '../../../contracts/gpuCatalogue.js';
import { fitsOf } from './fits.js';
import { estimateVram, type VramQuestion } from './vram.js';

/** Llama 3.1 8B: 8,030,261,248 parameters, 32 layers, 8 heads of keys and values of 128 numbers. */
const llama8b: VramQuestion = {
  parameters: 8_030_261_248n,
  precision: 'BF16',
  architecture: { layers: 32, kvHeads: 8, headDim: 128, experts: null },
  contextTokens: 8_192,
  concurrency: 4,
  mode: 'INFERENCE',
};

test('serving: weights by precision, cache by tokens in flight, and a fixed part per GPU, as worked out by hand', () => {
  // 8,030,261,248 × 2 bytes = 15,316.51 MiB; 2 × 32 × 8 × 128 × 2 bytes = 128 KiB for each of 32,768 tokens = 4,096 MiB.
  expect(estimateVram(llama8b)).toMatchObject({
    weightsMiB: 15_317,
    kvCacheMiB: 4_096,
    trainingMiB: 0,
    overheadMiB: 1_024,
    totalMiB: 20_437,
  });
});

test.each([
  ['FP32', 30_634, 8_192],
  ['BF16', 15_317, 4_096],
  ['FP16', 15_317, 4_096],
  ['FP8', 7_659, 2_048],
  ['INT8', 7_659, 2_048],
  ['INT4', 3_830, 1_024],
] as const)('in %s the weights take %i MiB and the cache %i MiB', (precision, weightsMiB, kvCacheMiB) => {
  expect(estimateVram({ ...llama8b, precision })).toMatchObject({ weightsMiB, kvCacheMiB });
});

test('without an architecture the cache is no number of its own: half of the weights is added, and that is said', () => {
  const estimate = estimateVram({ ...llama8b, architecture: null });
  // 15,316.51 / 2 = 7,658.26 MiB.
  expect(estimate).toMatchObject({
    weightsMiB: 15_317,
    kvCacheMiB: null,
    overheadMiB: 7_659,
    totalMiB: 22_976,
  });
  expect(estimate.assumptions.join(' ')).toContain('The architecture is not known');
});

test('full fine-tuning takes 16 bytes per parameter, whatever the stored precision', () => {
  // 8,030,261,248 × 2 = 15,316.51 MiB and × 14 = 107,215.57 MiB.
  for (const precision of ['BF16', 'INT4'] as const)
    expect(estimateVram({ ...llama8b, precision, mode: 'FULL_FINE_TUNE' })).toMatchObject({
      weightsMiB: 15_317,
      kvCacheMiB: 0,
      trainingMiB: 107_216,
      overheadMiB: 1_024,
      totalMiB: 123_557,
    });
});

test('LoRA trains adapters beside frozen weights, QLoRA beside weights of half a byte', () => {
  // Adapters: 80,302,612 × 16 bytes = 1,225.32 MiB. QLoRA: 8,030,261,248 / 2 bytes = 3,829.13 MiB.
  expect(estimateVram({ ...llama8b, mode: 'LORA' })).toMatchObject({
    weightsMiB: 15_317,
    trainingMiB: 1_226,
    totalMiB: 17_567,
  });
  expect(estimateVram({ ...llama8b, mode: 'QLORA' })).toMatchObject({
    weightsMiB: 3_830,
    trainingMiB: 1_226,
    totalMiB: 6_080,
  });
});

test('a mixture of experts holds the parameters of all of them, and says so', () => {
  // Mixtral 8x7B: 46,702,792,704 × 2 bytes = 89,078.51 MiB.
  const mixtral = { layers: 32, kvHeads: 8, headDim: 128, experts: 8 };
  const estimate = estimateVram({ ...llama8b, parameters: 46_702_792_704n, architecture: mixtral });
  expect(estimate.weightsMiB).toBe(89_079);
  expect(estimate.assumptions.at(-1)).toContain('all experts');
});

test('parameters beyond 2^53 stay exact', () => {
  const { weightsMiB } = estimateVram({ ...llama8b, parameters: 2n ** 53n + 1n, precision: 'INT8' });
  expect(weightsMiB).toBe(2 ** 33 + 1);
});

/** Llama 3.1 70B in BF16: 70,553,706,496 × 2 bytes = 134,570.52 MiB; 80 layers: 320 KiB × 8,192 tokens = 2,560 MiB. */
const llama70b = estimateVram({
  ...llama8b,
  parameters: 70_553_706_496n,
  architecture: { layers: 80, kvHeads: 8, headDim: 128, experts: null },
  concurrency: 1,
});

test('a group of GPUs shares weights and cache, and each has its own overhead', () => {
  expect(llama70b.totalMiB).toBe(134_571 + 2_560 + 1_024);
  const fits = fitsOf(llama70b, gpuCatalogue);
  // (134,571 + 2,560) / 2 + 1,024 = 69,590 MiB of 0.92 × 81,920 = 75,366 MiB.
  expect(fits).toContainEqual({
    gpuModelId: 'h100-sxm5-80gb',
    gpus: 2,
    neededMiB: 69_590,
    usableMiB: 75_366,
  });
  // Two of 44,032 are too few; four: 34,283 + 1,024 = 35,307 MiB of 0.92 × 49,152 = 45,219 MiB.
  expect(fits).toContainEqual({ gpuModelId: 'l40s-48gb', gpus: 4, neededMiB: 35_307, usableMiB: 45_219 });
  // On eight T4 each would have to hold 18,166 MiB of 15,073 MiB.
  expect(fits.map(({ gpuModelId }) => gpuModelId)).not.toContain('t4-pcie-16gb');
});

test('every fit is the smallest group that holds it, and the fewest GPUs come first', () => {
  const fits = fitsOf(llama70b, gpuCatalogue);
  expect(fits.length).toBeGreaterThan(5);
  expect(fits.map(({ gpus }) => gpus)).toEqual(fits.map(({ gpus }) => gpus).sort((a, b) => a - b));
  for (const { gpuModelId, gpus, neededMiB, usableMiB } of fits) {
    expect(neededMiB).toBeLessThanOrEqual(usableMiB);
    const half = Math.ceil((llama70b.totalMiB - 1_024) / (gpus / 2)) + 1_024;
    if (gpus > 1) expect(half).toBeGreaterThan((findGpuModel(gpuModelId)?.memoryMiB ?? 0) * 0.92);
  }
});
