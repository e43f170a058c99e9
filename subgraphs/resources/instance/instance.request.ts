import { modelFaults } from '../../../contracts/gpuRequest.js';
import type { InstanceSpec } from '../../../contracts/resources.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';
import {
  podSettingsFaults,
  type RawPodSettings,
  readPodSettings,
  repeated,
} from '../../../platform/kubernetes/podSettings.js';

/** A request for an instance, with every field that the caller left out filled in. */
export type InstanceRequest = { projectId: string; name: string; spec: InstanceSpec };

/** What a caller may leave out is null or undefined. */
export type RawInstanceRequest = RawPodSettings & {
  projectId: string;
  name: string;
  image: string;
  gpu: { modelIn: string[]; count: number };
  cpuMillis?: number | null;
  memoryMiB?: number | null;
  ports?: { name: string; port: number }[] | null;
};

/**
 * Fills in what was left out, and refuses what single fields cannot say: models that nobody knows, and keys that occur
 * twice or are ours. `path` leads to the request in the caller's input.
 */
export function readInstanceRequest(raw: RawInstanceRequest, path: readonly string[]): InstanceRequest {
  const { modelIn, count } = raw.gpu;
  const spec: InstanceSpec = {
    image: raw.image,
    gpu: { modelIn: [...modelIn], count },
    cpuMillis: raw.cpuMillis ?? null,
    memoryMiB: raw.memoryMiB ?? null,
    ports: (raw.ports ?? []).map(({ name, port }) => ({ name, port })),
    ...readPodSettings(raw),
  };
  const faults = faultsOf(spec).map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  if (faults.length > 0) throw badUserInput(faults);
  return { projectId: raw.projectId, name: raw.name, spec };
}

const faultsOf = (spec: InstanceSpec): InputFault[] => [
  ...modelFaults(spec.gpu.modelIn).map(({ path, message }) => ({
    path: ['gpu', 'modelIn', ...path],
    message,
  })),
  ...repeated(
    spec.ports.map(({ name }) => name),
    ['ports'],
    'name',
  ),
  ...repeated(
    spec.ports.map(({ port }) => String(port)),
    ['ports'],
    'port',
  ),
  ...podSettingsFaults(spec),
];
