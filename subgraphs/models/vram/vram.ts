import type { ModelArchitecture, ModelPrecision } from '../../../contracts/models.events.js';

export const VRAM_MODES = ['INFERENCE', 'LORA', 'QLORA', 'FULL_FINE_TUNE'] as const;
export type VramMode = (typeof VRAM_MODES)[number];

export type VramQuestion = {
  /** All of them, those of every expert. */
  parameters: bigint;
  precision: ModelPrecision;
  /** Null where nobody said: then memory for the cache is reckoned by a factor. */
  architecture: ModelArchitecture | null;
  contextTokens: number;
  /** Sequences at the same time. */
  concurrency: number;
  mode: VramMode;
};

/** Memory of all GPUs together on one GPU, in MiB, and what it rests on. Parts are rounded up. */
export type VramEstimate = {
  weightsMiB: number;
  /** Null where it is part of the overhead, because the architecture is not known. */
  kvCacheMiB: number | null;
  /** Adapters, gradients, master weights and the optimiser's moments; 0 for inference. */
  trainingMiB: number;
  overheadMiB: number;
  totalMiB: number;
  /** What each further GPU of a tensor-parallel group needs again. */
  perGpuMiB: number;
  assumptions: string[];
};

const MIB = 1_048_576n;

/** In halves of a byte, so that INT4 is whole. */
const HALF_BYTES: Readonly<Record<ModelPrecision, bigint>> = {
  FP32: 8n,
  BF16: 4n,
  FP16: 4n,
  FP8: 2n,
  INT8: 2n,
  INT4: 1n,
};

/** A runtime's context, work space and communication buffers, on each GPU. */
const PER_GPU_MIB = 1_024;
/** Cache and overhead as a part of the weights, at moderate context: the safe end of 0.2 to 0.5. */
const FALLBACK = { numerator: 1n, denominator: 2n };
/** Adapters as a part of the parameters. */
const ADAPTER = { numerator: 1n, denominator: 100n };
/** Weights, gradients, master weights and two moments, for training in mixed precision with Adam. */
const TRAINED_BYTES = { weights: 2n, others: 14n };

/** How much GPU memory serving or training a model takes, by the rule of thumb that the assumptions spell out. */
export function estimateVram(question: VramQuestion): VramEstimate {
  const { mode, architecture } = question;
  const parts = mode === 'INFERENCE' ? inference(question) : training(question, mode);
  const kvCache = parts.kvCacheMiB ?? 0;
  const experts = architecture?.experts
    ? ['Memory holds the parameters of all experts, not only of those that are active.']
    : [];
  return {
    ...parts,
    totalMiB: parts.weightsMiB + kvCache + parts.trainingMiB + parts.overheadMiB,
    assumptions: [...parts.assumptions, ...experts],
  };
}

type Parts = Omit<VramEstimate, 'totalMiB'>;

function inference(question: VramQuestion): Parts {
  const { parameters, precision, architecture, contextTokens, concurrency } = question;
  const weightBytes = weightBytesOf(parameters, precision);
  const weightsMiB = toMiB(weightBytes);
  const weights = `Weights: ${bytesText(precision)} per parameter (${precision}).`;
  if (!architecture) {
    const overheadMiB = toMiB((weightBytes * FALLBACK.numerator) / FALLBACK.denominator);
    const fallback =
      'The architecture is not known, so cache and overhead are taken to be half of the weights, whatever the context.';
    return { ...nothing, weightsMiB, overheadMiB, kvCacheMiB: null, assumptions: [weights, fallback] };
  }
  const tokens = BigInt(contextTokens) * BigInt(concurrency);
  const { layers, kvHeads, headDim } = architecture;
  const numbers = 2n * BigInt(layers) * BigInt(kvHeads) * BigInt(headDim) * tokens;
  return {
    ...nothing,
    weightsMiB,
    kvCacheMiB: toMiB((numbers * HALF_BYTES[precision]) / 2n),
    overheadMiB: PER_GPU_MIB,
    perGpuMiB: PER_GPU_MIB,
    assumptions: [
      weights,
      `Cache: 2 × ${layers} layers × ${kvHeads} heads × ${headDim} numbers × ${bytesText(precision)} for each of ${contextTokens} × ${concurrency} tokens, in the precision of the weights.`,
      perGpuText,
    ],
  };
}

function training({ parameters, precision }: VramQuestion, mode: Exclude<VramMode, 'INFERENCE'>): Parts {
  const common = { ...nothing, kvCacheMiB: 0, overheadMiB: PER_GPU_MIB, perGpuMiB: PER_GPU_MIB };
  const notCounted = 'Activations are not counted: they depend on the batch and on what is recomputed.';
  if (mode === 'FULL_FINE_TUNE')
    return {
      ...common,
      weightsMiB: toMiB(parameters * TRAINED_BYTES.weights),
      trainingMiB: toMiB(parameters * TRAINED_BYTES.others),
      assumptions: [
        'Mixed precision with Adam, 16 bytes per parameter: 2 for weights, 2 for gradients, 4 for master weights, 8 for moments.',
        notCounted,
        perGpuText,
      ],
    };
  const base = mode === 'QLORA' ? 'INT4' : precision;
  const adapters = (parameters * ADAPTER.numerator) / ADAPTER.denominator;
  return {
    ...common,
    weightsMiB: toMiB(weightBytesOf(parameters, base)),
    trainingMiB: toMiB(adapters * (TRAINED_BYTES.weights + TRAINED_BYTES.others)),
    assumptions: [
      `Frozen weights: ${bytesText(base)} per parameter (${base}).`,
      'Adapters of 1 % of the parameters, at 16 bytes each for weights, gradients, master weights and moments.',
      notCounted,
      perGpuText,
    ],
  };
}

const nothing = { trainingMiB: 0, perGpuMiB: 0 };

const perGpuText = `Each GPU needs ${PER_GPU_MIB} MiB more for its runtime.`;

const weightBytesOf = (parameters: bigint, precision: ModelPrecision): bigint =>
  (parameters * HALF_BYTES[precision] + 1n) / 2n;

const bytesText = (precision: ModelPrecision): string => {
  const bytes = Number(HALF_BYTES[precision]) / 2;
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
};

const toMiB = (bytes: bigint): number => Number((bytes + MIB - 1n) / MIB);
