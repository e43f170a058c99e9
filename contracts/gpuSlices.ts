import type { GpuModelFacts } from './gpuModel.js';
import type { MigProfile } from './migProfiles.js';

const INFIX = '-mig-';

/** The slices of a model, each as a model of its own: it can be asked for, and has quotas and prices of its own. */
export const slicesOf = (whole: GpuModelFacts): GpuModelFacts[] =>
  whole.migProfiles.map((profile) => ({
    ...whole,
    id: sliceId(whole, profile),
    name: `${whole.name}, slice ${profile.name}`,
    memoryGb: profile.memoryMiB / 1024,
    memoryMiB: profile.memoryMiB,
    tdpW: Math.round((whole.tdpW * profile.computeSlices) / computeSlicesOf(whole)),
    link: null,
    migProfiles: [],
    pciIds: [],
    productLabels: whole.productLabels.map((label) => `${label}-MIG-${inLabels(profile)}`),
  }));

export const sliceId = ({ id }: Pick<GpuModelFacts, 'id'>, profile: MigProfile): string =>
  `${id}${INFIX}${inLabels(profile)}`;

/** The slice that a model is, as labels and resources of Kubernetes name it; null for a whole device. */
export const sliceOf = (gpuModelId: string): string | null => gpuModelId.split(INFIX)[1] ?? null;

/** Kubernetes has no `+` in its names. */
export const inLabels = ({ name }: MigProfile): string => name.replace('+', '.');

const computeSlicesOf = ({ migProfiles }: GpuModelFacts): number =>
  Math.max(...migProfiles.map(({ computeSlices }) => computeSlices));
