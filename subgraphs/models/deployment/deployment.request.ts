import { findGpuModel } from '../../../contracts/gpuCatalogue.js';
import type { DeploymentSpec } from '../../../contracts/resources.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';
import type { CreateDeploymentInput } from './deployment.inputs.js';

const DEFAULT_PORT = 8080;

/**
 * Fills in what was left out, and refuses what single fields cannot say: models of GPU that nobody knows or that occur
 * twice, and fewer replicas at most than at least.
 */
export function readDeploymentSpec(input: CreateDeploymentInput): Omit<DeploymentSpec, 'model'> {
  const { image, port, gpu } = input;
  const replicas = { min: input.replicas?.min ?? 1, max: input.replicas?.max ?? 1 };
  const modelIn = [...gpu.modelIn];
  const faults: InputFault[] = modelIn.flatMap((id, index) => {
    const path = ['input', 'gpu', 'modelIn', index];
    if (!findGpuModel(id)) return [{ path, message: `${id} is no model of the catalogue` }];
    return modelIn.indexOf(id) === index ? [] : [{ path, message: `${id} occurs twice` }];
  });
  if (replicas.max < replicas.min)
    faults.push({ path: ['input', 'replicas', 'max'], message: 'must not be less than min' });
  if (faults.length > 0) throw badUserInput(faults);
  return { image, port: port ?? DEFAULT_PORT, gpu: { modelIn, count: gpu.count }, replicas };
}
