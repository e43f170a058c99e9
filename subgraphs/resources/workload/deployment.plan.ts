import type { ResourcesCalls } from '../../../contracts/calls.js';
import type { Admission } from '../admission/admission.gate.js';

/** Plans a deployment's pods as an instance is planned, and refuses what an instance would be refused. */
export const createPlanDeployment =
  ({ judge }: Pick<Admission, 'judge'>): ResourcesCalls['planDeployment'] =>
  async ({ projectId, gpu, replicas, request, planHash }) => {
    const { modelIn, count } = gpu;
    const { plan } = await judge({
      projectId,
      gpu: { modelIn, count, replicas: replicas.min },
      request,
      planHash,
    });
    return plan;
  };
