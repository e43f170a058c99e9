import { neverFits } from '../../../contracts/admission.js';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import { type Assessment, assess, type PlanInput } from '../../../contracts/plan.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import { canonicalHash } from '../../../platform/command/canonicalJson.js';
import type { ReadPlanFacts } from '../facts/planFacts.js';
import type { QueueOf } from '../queue/queueOf.reader.js';
import { unsatisfiable } from './errors.js';
import type { JobState } from './job.js';
import type { JobRequest, JobWish } from './job.request.js';

export type JobAssessment = Assessment & { request: JobRequest; models: PlanInput['models'] };

export type PlanJob = (wish: JobWish) => Promise<JobAssessment>;

/**
 * Judges a job by what is known now. It decides nothing: usage may change at once. NOT_FOUND for a project or a queue that
 * nobody created.
 */
export const createPlanJob =
  ({ readFacts, queueOf }: { readFacts: ReadPlanFacts; queueOf: QueueOf }): PlanJob =>
  async (wish) => {
    const { gpu } = wish.spec;
    const facts = await readFacts(wish.projectId, gpu);
    const request = { ...wish, queueId: await queueOf(wish) };
    const assessment = assess({
      ...facts,
      request,
      count: gpu.count,
      runSeconds: request.maxRuntimeSeconds,
      policy: APPROVAL_POLICY,
      hash: canonicalHash,
    });
    return { ...assessment, request, models: facts.models };
  };

/** What a job was asked for, so that its plan can be made again. */
export const requestOf = (job: JobState): JobRequest => {
  const { projectId, queueId, name, spec, priority, maxRuntimeSeconds } = job;
  return { projectId, queueId, name, spec, priority, maxRuntimeSeconds };
};

export const canEverRun = ({ request, models }: JobAssessment): boolean =>
  models.some((model) => !neverFits(request.spec.gpu.count, model));

/** Refuses with UNSATISFIABLE what no waiting could help, and says what would be possible. */
export function checkSatisfiable(assessment: JobAssessment): void {
  if (canEverRun(assessment)) return;
  throw unsatisfiable(
    assessment.request.spec.gpu.count,
    assessment.models.map(({ gpuModelId, cells, capacity }) => {
      const nominal = Math.min(...cells.map((cell) => cell.nominal));
      const devices = capacity.largestEver;
      return { gpuModelId, nominal, devices, possible: Math.min(nominal, devices) };
    }),
  );
}

/** The question that a plan leads to, with its evidence; null where no rule asks for an approval. */
export function approvalAsk(
  { plan }: Pick<JobAssessment, 'plan'>,
  target: { approvalId: string; jobId: string; name: string },
  now: Date,
): ApprovalAsk | null {
  if (plan.approvalsNeeded.length === 0) return null;
  const { estimate } = plan;
  return {
    approvalId: target.approvalId,
    action: 'SUBMIT_JOB',
    target: { type: 'Job', id: target.jobId, name: target.name },
    planHash: plan.planHash,
    reason: null,
    policyVersion: APPROVAL_POLICY.version,
    rules: plan.approvalsNeeded,
    estimate: estimate && {
      perHour: estimate.perHour.amount,
      total: estimate.total?.amount ?? null,
      currency: estimate.perHour.currency,
      priceBookVersion: estimate.priceBookVersion,
    },
    quota: plan.quotaEffect,
    expiresAt: new Date(now.getTime() + APPROVAL_POLICY.ttlSeconds * 1_000).toISOString(),
  };
}
