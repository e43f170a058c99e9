import { fraction } from '../metrics/gpuLoad.js';

/** A line that a container prints, and when. */
export type Printed = { readonly atMs: number; readonly text: string };

export type Training = {
  /** The same work prints the same lines. */
  readonly seed: string;
  readonly startMs: number;
  /** From one step to the next. */
  readonly stepMs: number;
  readonly gpus: number;
  /** Which of the job's pods it is. */
  readonly rank: number;
};

const STEPS_PER_EPOCH = 100;
const CHECKPOINT_EVERY = 25;
const INFO = '\u001b[32mINFO\u001b[0m';

/** What a training prints as long as it runs, without end: its start, then a line for each step and checkpoint. */
export function* trainingLog(training: Training): Generator<Printed> {
  const { startMs, stepMs } = training;
  const preamble = preambleOf(training);
  for (const [n, text] of preamble.entries()) yield { atMs: startMs + 1 + n, text };
  for (let step = 1; ; step++) {
    const atMs = startMs + preamble.length + step * stepMs;
    yield { atMs, text: stepText(training, step) };
    if (step % CHECKPOINT_EVERY === 0 && training.rank === 0)
      yield { atMs, text: `${INFO} saved checkpoint /checkpoints/step-${String(step).padStart(6, '0')}.pt` };
  }
}

function preambleOf({ seed, gpus, rank }: Training): string[] {
  const parameters = (1 + 12 * fraction(`${seed} size`)).toFixed(1);
  return [
    `${INFO} torch 2.9.0, CUDA 13.0, NCCL 2.28.3`,
    `${INFO} rank ${rank}, ${gpus} GPU${gpus === 1 ? '' : 's'} here`,
    `${INFO} loading the dataset: ${(40 + 200 * fraction(`${seed} data`)).toFixed(1)} GB in 512 shards`,
    `${INFO} model with ${parameters} B parameters in bf16`,
  ];
}

function stepText({ seed, gpus }: Training, step: number): string {
  const noise = fraction(`${seed} ${step}`) - 0.5;
  const loss = 1.7 + 8.9 * Math.exp(-step / 60) + 0.12 * noise;
  const tokensPerSecond = Math.round(gpus * (10_400 + 900 * noise));
  const learningRate = (3e-4 * Math.min(1, step / 20)).toExponential(2);
  const epoch = Math.ceil(step / STEPS_PER_EPOCH);
  return `${INFO} epoch ${epoch} step ${step} loss ${loss.toFixed(4)} lr ${learningRate} grad_norm ${(0.9 + 0.4 * noise).toFixed(3)} tokens/s ${tokensPerSecond}`;
}
