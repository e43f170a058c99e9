import type { GpuModelFacts } from './gpuModel.js';
import { modelsBeforeHopper } from './gpuModels.beforeHopper.js';
import { modelsSinceHopper } from './gpuModels.sinceHopper.js';

/** Every model that can be asked for, in the order in which they are listed. */
export const gpuCatalogue: readonly GpuModelFacts[] = [...modelsBeforeHopper, ...modelsSinceHopper];

const modelById = new Map(gpuCatalogue.map((each) => [each.id, each]));
const modelByLabel = new Map(
  gpuCatalogue.flatMap((each) => each.productLabels.map((label) => [label, each])),
);

export const findGpuModel = (id: string): GpuModelFacts | null => modelById.get(id) ?? null;

/** The model that a node's product label names; sharing and slicing add suffixes to it. Null if it is none of ours. */
export const gpuModelOfProduct = (label: string): GpuModelFacts | null =>
  modelByLabel.get(label.replace(/-SHARED$/, '').replace(/-MIG-.*$/, '')) ?? null;
