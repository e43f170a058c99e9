import type { ModelFacts } from '../../../contracts/admission.js';
import type { BillingCalls, BudgetStatus } from '../../../contracts/calls.js';
import { assess, type Assessment, type Plan } from '../../../contracts/plan.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { InstanceSpec } from '../../../contracts/resources.events.js';
import { canonicalHash } from '../../../platform/command/canonicalJson.js';
import type { CommandAnswer, CommandRequest } from '../../../platform/command/commands.js';
import type { Database } from '../../../platform/database/database.js';
import { notFound, planStale, PublicError } from '../../../platform/errors.js';
import {
  capacityOf,
  type NodeCapacity,
  podCapacityOf,
  readNodeCapacities,
} from '../gpu/capacity.repository.js';
import { type Prices, readPrices } from '../price/price.repository.js';
import { readQuotaCells } from '../quota/quota.repository.js';
import type { Candidate, DeviceOwner } from './devices.js';
import { refuse } from './refuse.js';
import { releaseHold, withHold } from './withHold.js';

/** Devices for each of `replicas` pods; for one if that is left out. Every pod has its devices on one node. */
export type GpuNeed = InstanceSpec['gpu'] & { replicas?: number };

const totalOf = ({ count, replicas = 1 }: GpuNeed): number => count * replicas;

export type Admission = ReturnType<typeof createAdmission>;

/** What is asked of admission: devices for an owner. `request` is what the plan's hash is taken of. */
export type AdmissionRequest = {
  owner: DeviceOwner;
  gpu: GpuNeed;
  request: object;
  /** The hash of the plan that the caller agreed to, if they name one. */
  planHash: string | null;
};

/** What a request was judged to get: the model, the nodes to take it from, the money held, and the plan's hash. */
export type Admitted = {
  gpuModelId: string;
  candidates: readonly Candidate[];
  holdId: string | null;
  planHash: string;
};

type Assessed = Assessment & {
  prices: Prices | null;
  budget: BudgetStatus | null;
  nodes: readonly NodeCapacity[];
};

/** Lost races for the first choice, after which the next one is looked at. */
const ATTEMPTS_MAX = 3;

/** Who gets devices: checks quota, budget and capacity, and reserves money before the command that takes them. */
export function createAdmission({ database, billing }: { database: Database; billing: BillingCalls }) {
  const { prisma } = database;

  /** What the request would get and cost now. It decides nothing: usage may change at once. */
  async function plan(projectId: string, gpu: GpuNeed, request: object): Promise<Assessed> {
    const { modelIn, count, replicas = 1 } = gpu;
    const cells = await readQuotaCells(prisma, projectId, modelIn);
    if (cells.length === 0) throw notFound('Project', projectId);
    const [nodes, prices, budget] = await Promise.all([
      readNodeCapacities(prisma, modelIn),
      readPrices(prisma),
      billing.budgetStatus({ projectId }),
    ]);
    const models = modelIn.map((gpuModelId): Omit<ModelFacts, 'money'> => {
      const rate = prices?.rates[gpuModelId] ?? null;
      const counting = cells.filter((cell) => cell.gpuModelId === gpuModelId);
      const own = counting.find((cell) => cell.projectId === projectId);
      return {
        gpuModelId,
        rate,
        nominal: own?.nominal ?? 0,
        used: own?.used ?? 0,
        cells: counting,
        capacity: replicas === 1 ? capacityOf(gpuModelId, nodes) : podCapacityOf(gpuModelId, nodes, count),
      };
    });
    const asked = { request, count: totalOf(gpu), runSeconds: null, models, prices, budget };
    return { ...assess({ ...asked, policy: APPROVAL_POLICY, hash: canonicalHash }), prices, budget, nodes };
  }

  /** The plan, and the model that would be taken. Refused in the order PLAN_STALE, quota, budget, capacity. */
  async function judge(
    asked: Omit<AdmissionRequest, 'owner'> & { projectId: string },
  ): Promise<Assessed & { model: ModelFacts }> {
    const { projectId, gpu, request, planHash } = asked;
    const assessment = await plan(projectId, gpu, request);
    if (planHash !== null && planHash !== assessment.plan.planHash) throw planStale(assessment.plan);
    return { ...assessment, model: refuse(assessment, totalOf(gpu)) };
  }

  async function attempt<Result extends { id: string }>(
    command: CommandRequest,
    { owner, gpu, request, planHash }: AdmissionRequest,
    run: (admitted: Admitted) => Promise<CommandAnswer<Result>>,
    ask: ((plan: Plan) => Promise<CommandAnswer<Result>>) | null,
  ): Promise<CommandAnswer<Result>> {
    const judged = await judge({ projectId: owner.projectId, gpu, request, planHash });
    const { plan: agreed, prices, nodes, model } = judged;
    if (ask && judged.rules.length > 0) return ask(agreed);
    const { gpuModelId, rate } = model;
    const candidates = nodes.filter((node) => node.gpuModelId === gpuModelId && node.free >= gpu.count);
    const admitted = { gpuModelId, candidates, planHash: agreed.planHash };
    const reservation = { owner, count: totalOf(gpu), rate, prices };
    return withHold(billing, command, reservation, (holdId) => run({ ...admitted, holdId }));
  }

  return {
    plan,
    judge,

    /**
     * Checks in the order PLAN_STALE, quota, budget, capacity, reserves the money and runs the command, which must place
     * and open the devices (see devices.ts) in its own transaction. If the chosen model is taken meanwhile and the request
     * names others, it is judged again. If a rule of the policy wants an approval, `ask` is run instead, and nothing is
     * held; without it, the approval was given, or none is needed.
     */
    async admit<Result extends { id: string }>(
      command: CommandRequest,
      request: AdmissionRequest,
      run: (admitted: Admitted) => Promise<CommandAnswer<Result>>,
      ask: ((plan: Plan) => Promise<CommandAnswer<Result>>) | null = null,
    ): Promise<CommandAnswer<Result>> {
      for (let attempts = 1; ; attempts++) {
        try {
          return await attempt(command, request, run, ask);
        } catch (error) {
          const hasOthers = request.gpu.modelIn.length > 1;
          if (!hasOthers || !isShortage(error) || attempts === ATTEMPTS_MAX) throw error;
        }
      }
    },

    /**
     * Ends the hold of an owner that has no devices any more. Billing does so itself once it has read that they were
     * closed; who asks for devices again must not be given the hold that is about to end.
     */
    async settle(command: CommandRequest, ownerId: string): Promise<void> {
      if (!command.dryRun) await releaseHold(billing, command, { ownerId, reason: 'ENDED' });
    },
  };
}

const isShortage = (error: unknown): boolean =>
  error instanceof PublicError && ['QUOTA_EXCEEDED', 'CAPACITY_EXHAUSTED'].includes(error.extensions.code);
