import type { GpuModelFacts } from '../../../contracts/gpuModel.js';
import type { VramEstimate } from './vram.js';

/** A model of GPU that can hold it, and how many of them it takes. */
export type VramFit = {
  gpuModelId: string;
  gpus: number;
  /** What each of them has to hold. */
  neededMiB: number;
  /** What each of them can hold. */
  usableMiB: number;
};

/** What is left for models of a GPU's memory, in percent; the rest is for contexts and fragmentation. */
const USABLE_PERCENT = 92;

/** Sizes of tensor-parallel groups: no more than the GPUs of one node, which are the most that one link joins. */
const GROUPS = [1, 2, 4, 8];

/** Every model of GPU that can hold it in a group of at most 8, those that need the fewest first. */
export const fitsOf = (estimate: VramEstimate, catalogue: readonly GpuModelFacts[]): VramFit[] =>
  catalogue
    .flatMap((gpuModel) => fitOf(estimate, gpuModel) ?? [])
    .sort((a, b) => a.gpus - b.gpus || a.usableMiB - b.usableMiB || (a.gpuModelId < b.gpuModelId ? -1 : 1));

function fitOf(estimate: VramEstimate, { id: gpuModelId, memoryMiB }: GpuModelFacts): VramFit | null {
  const usableMiB = Math.floor((memoryMiB * USABLE_PERCENT) / 100);
  const sharedMiB = estimate.totalMiB - estimate.perGpuMiB;
  for (const gpus of GROUPS) {
    const neededMiB = Math.ceil(sharedMiB / gpus) + estimate.perGpuMiB;
    if (neededMiB <= usableMiB) return { gpuModelId, gpus, neededMiB, usableMiB };
  }
  return null;
}
