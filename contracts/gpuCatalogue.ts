import type { GpuModelFacts } from './gpuModel.js';
import { slicesOf } from './gpuSlices.js';
import { modelsBeforeHopper } from './gpuModels.beforeHopper.js';
import { modelsSinceHopper } from './gpuModels.sinceHopper.js';

/** Every model of a whole device, in the order in which they are listed. */
export const gpuCatalogue: readonly GpuModelFacts[] = [...modelsBeforeHopper, ...modelsSinceHopper];

const known = [...gpuCatalogue, ...gpuCatalogue.flatMap(slicesOf)];
const modelById = new Map(known.map((each) => [each.id, each]));
const modelByLabel = new Map(known.flatMap((each) => each.productLabels.map((label) => [label, each])));

export const findGpuModel = (id: string): GpuModelFacts | null => modelById.get(id) ?? null;

/** The model that a node's product label names; sharing adds a suffix to it. Null if it is none of ours. */
export const gpuModelOfProduct = (label: string): GpuModelFacts | null =>
  modelByLabel.get(label.replace(/-SHARED$/, '')) ?? null;
