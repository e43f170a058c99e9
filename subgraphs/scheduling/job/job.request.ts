import { modelFaults } from '../../../contracts/gpuRequest.js';
import type { JobSpec } from '../../../contracts/scheduling.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';
import { readDuration } from '../../../platform/graphql/duration.js';
import {
  podSettingsFaults,
  type RawPodSettings,
  readPodSettings,
} from '../../../platform/kubernetes/podSettings.js';

/** A job that is asked for, with every field that the caller left out filled in, but for the queue. */
export type JobWish = {
  projectId: string;
  /** Null: the project's default. */
  queueId: string | null;
  name: string;
  spec: JobSpec;
  priority: number;
  maxRuntimeSeconds: number;
};

/** What a plan is made for, and its hash taken of. */
export type JobRequest = JobWish & { queueId: string };

/** What a caller may leave out is null or undefined. */
export type RawJobRequest = RawPodSettings & {
  projectId: string;
  queueId?: string | null;
  name: string;
  image: string;
  command: string[];
  gpu: { modelIn: string[]; count: number };
  maxRuntime: string;
  priority?: number | null;
};

export const PRIORITY_DEFAULT = 50;

const RUNTIME_MAX_SECONDS = 365 * 86_400;

/**
 * Fills in what was left out, and refuses what single fields cannot say: models that nobody knows, keys that occur twice
 * or are ours, and a time that is none. `path` leads to the request in the caller's input.
 */
export function readJobRequest(raw: RawJobRequest, path: readonly string[]): JobWish {
  const { modelIn, count } = raw.gpu;
  const spec: JobSpec = {
    image: raw.image,
    command: [...raw.command],
    gpu: { modelIn: [...modelIn], count },
    ...readPodSettings(raw),
  };
  const maxRuntimeSeconds = readDuration(raw.maxRuntime) ?? 0;
  const faults: InputFault[] = [
    ...modelFaults(modelIn).map((fault) => ({ ...fault, path: ['gpu', 'modelIn', ...fault.path] })),
    ...podSettingsFaults(spec),
    ...(maxRuntimeSeconds < 1 || maxRuntimeSeconds > RUNTIME_MAX_SECONDS ? [BAD_RUNTIME] : []),
  ];
  if (faults.length > 0)
    throw badUserInput(faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] })));
  return {
    projectId: raw.projectId,
    queueId: raw.queueId ?? null,
    name: raw.name,
    spec,
    priority: raw.priority ?? PRIORITY_DEFAULT,
    maxRuntimeSeconds,
  };
}

const BAD_RUNTIME: InputFault = {
  path: ['maxRuntime'],
  message: 'must be whole weeks, days, hours, minutes and seconds, such as PT1H30M, from PT1S to P365D',
};
