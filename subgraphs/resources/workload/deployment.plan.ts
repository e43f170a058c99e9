import { evidenceOf } from '../../../contracts/approvalAsk.js';
import type { ResourcesCalls } from '../../../contracts/calls.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { Admission } from '../admission/admission.gate.js';

/** Plans a deployment's pods as an instance is planned, and refuses what an instance would be refused. */
export const createPlanDeployment =
  ({ judge }: Pick<Admission, 'judge'>): ResourcesCalls['planDeployment'] =>
  async ({ projectId, gpu, replicas, request, planHash }) => {
    const pods = { ...gpu, replicas: replicas.min };
    const { plan } = await judge({ projectId, gpu: pods, request, planHash });
    return evidenceOf(plan, APPROVAL_POLICY);
  };
