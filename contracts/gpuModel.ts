import type { MigProfile } from './migProfiles.js';

export type GpuVendor = 'NVIDIA' | 'AMD' | 'INTEL';
export type GpuFormFactor = 'PCIE' | 'SXM' | 'OAM' | 'SUPERCHIP';
/** How devices of one node speak to each other; `gbPerSecond` is both directions together. */
export type GpuLink = { readonly kind: string; readonly gbPerSecond: number | null };

/** A model of GPU as its vendor sells it. What a device really has is measured on its node. */
export type GpuModelFacts = {
  /** Stable: events, quotas and prices refer to it. */
  readonly id: string;
  readonly vendor: GpuVendor;
  readonly name: string;
  readonly formFactor: GpuFormFactor;
  readonly architecture: string;
  /** CUDA compute capability; null for other vendors. */
  readonly computeCapability: string | null;
  readonly memoryGb: number;
  readonly memoryMiB: number;
  readonly memoryType: string;
  readonly tdpW: number;
  readonly link: GpuLink | null;
  readonly migProfiles: readonly MigProfile[];
  /** The surest way to recognise a device. Empty where no source named them. */
  readonly pciIds: readonly string[];
  /** What a node's label `nvidia.com/gpu.product` (or its vendor's like) says. */
  readonly productLabels: readonly string[];
};

type Row = Omit<GpuModelFacts, 'memoryMiB' | 'link' | 'migProfiles' | 'pciIds'> &
  Partial<Pick<GpuModelFacts, 'link' | 'migProfiles' | 'pciIds'>>;

/** Completes a row of the catalogue. */
export const model = (row: Row): GpuModelFacts => ({
  link: null,
  migProfiles: [],
  pciIds: [],
  ...row,
  memoryMiB: row.memoryGb * 1024,
});

const nvidia = (architecture: string, computeCapability: string) =>
  ({ vendor: 'NVIDIA', architecture, computeCapability }) as const;
const amd = (architecture: string) => ({ vendor: 'AMD', architecture, computeCapability: null }) as const;

/** What the models of one architecture share. */
export const architectures = {
  volta: nvidia('Volta', '7.0'),
  turing: nvidia('Turing', '7.5'),
  ga100: nvidia('Ampere GA100', '8.0'),
  ga102: nvidia('Ampere GA102', '8.6'),
  ada: nvidia('Ada', '8.9'),
  hopper: nvidia('Hopper', '9.0'),
  graceHopper: nvidia('Grace Hopper', '9.0'),
  blackwell: nvidia('Blackwell', '10.0'),
  graceBlackwell: nvidia('Grace Blackwell', '10.0'),
  blackwellUltra: nvidia('Blackwell Ultra', '10.3'),
  graceBlackwellUltra: nvidia('Grace Blackwell Ultra', '10.3'),
  gb202: nvidia('Blackwell GB202', '12.0'),
  cdna2: amd('CDNA2'),
  cdna3: amd('CDNA3'),
  gaudi: { vendor: 'INTEL', architecture: 'Gaudi', computeCapability: null },
} as const;

export const links = {
  nvlink2: { kind: 'NVLink 2', gbPerSecond: 300 },
  nvlink3: { kind: 'NVLink 3', gbPerSecond: 600 },
  nvlink3Pair: { kind: 'NVLink 3 bridge', gbPerSecond: 200 },
  nvlink4: { kind: 'NVLink 4', gbPerSecond: 900 },
  nvlink5: { kind: 'NVLink 5', gbPerSecond: 1800 },
  nvlinkBridge600: { kind: 'NVLink bridge', gbPerSecond: 600 },
  bridge: { kind: 'NVLink bridge', gbPerSecond: null },
  c2c: { kind: 'NVLink-C2C', gbPerSecond: null },
  infinityFabric: { kind: 'Infinity Fabric', gbPerSecond: null },
  roce: { kind: 'RoCE', gbPerSecond: null },
} as const satisfies Record<string, GpuLink>;
