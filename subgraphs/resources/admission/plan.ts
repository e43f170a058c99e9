import {
  type BlockerCode,
  judge,
  type ModelFacts,
  type Obstacle,
  planDocument,
  type Verdict,
} from '../../../contracts/admission.js';
import type { BudgetStatus } from '../../../contracts/calls.js';
import { canonicalHash } from '../../../platform/command/canonicalJson.js';
import type { Prices } from '../price/price.repository.js';
import { hourlyCost } from './money.js';

export type Amount = { amount: string; currency: string };

export type PlanBlocker = {
  code: BlockerCode;
  /** 1 is the one that a request would be refused for. */
  rank: number;
  need: string;
  free: string;
  unit: string;
  action: string;
  since: null;
};

/** What a request would get and cost now. JSON only: it travels in the details of PLAN_STALE. */
export type Plan = {
  planHash: string;
  feasible: boolean;
  offers: { gpuModelId: string; available: number; pricePerHour: Amount | null }[];
  estimate: { perHour: Amount; priceBookVersion: string } | null;
  quotaEffect: { gpuModelId: string; nominal: number; used: number; requested: number }[];
  budgetEffect: { limit: Amount; spent: Amount; held: Amount } | null;
  /** No rule asks for approval yet. */
  approvalsNeeded: { rule: string; reason: string }[];
  blockers: PlanBlocker[];
};

export type Assessment = { plan: Plan; verdict: Verdict; prices: Prices | null; budget: BudgetStatus | null };

/** Judges a request for `count` GPUs of one of the models, and says what it would mean. */
export function assess(input: {
  request: object;
  count: number;
  models: readonly ModelFacts[];
  prices: Prices | null;
  budget: BudgetStatus | null;
}): Assessment {
  const { request, count, models, prices, budget } = input;
  const verdict = judge(count, models);
  const priceBookVersion = prices?.version ?? null;
  const currency = prices?.currency ?? 'USD';
  const chosen =
    verdict.model ?? models.find(({ gpuModelId }) => gpuModelId === verdict.obstacles[0]?.gpuModelId);
  const perHour = chosen?.rate == null ? null : { amount: hourlyCost(chosen.rate, count), currency };
  const plan: Plan = {
    planHash: canonicalHash(planDocument({ request, models, priceBookVersion, rules: [] })),
    feasible: verdict.feasible,
    offers: models.map(({ gpuModelId, capacity, rate }) => ({
      gpuModelId,
      available: capacity.free,
      pricePerHour: rate === null ? null : { amount: rate, currency },
    })),
    estimate: perHour && prices && { perHour, priceBookVersion: prices.version },
    quotaEffect: models.map(({ gpuModelId, nominal, used }) => ({
      gpuModelId,
      nominal,
      used,
      requested: count,
    })),
    budgetEffect: budget && budgetEffect(budget),
    approvalsNeeded: [],
    blockers: verdict.obstacles.map((obstacle, index) => ({
      ...blockerOf(obstacle, count, budget?.currency ?? currency),
      rank: index + 1,
      since: null,
    })),
  };
  return { plan, verdict, prices, budget };
}

const budgetEffect = ({ limit, spent, held, currency }: BudgetStatus) => ({
  limit: { amount: limit, currency },
  spent: { amount: spent, currency },
  held: { amount: held, currency },
});

function blockerOf(obstacle: Obstacle, count: number, currency: string): Omit<PlanBlocker, 'rank' | 'since'> {
  const { code, gpuModelId } = obstacle;
  const gpus = { code, need: String(count), unit: 'GPU' };
  switch (obstacle.code) {
    case 'QUOTA':
      return {
        ...gpus,
        free: String(obstacle.free),
        action: `Stop something, or ask for more quota of ${gpuModelId} in project ${obstacle.cell.projectId}.`,
      };
    case 'BUDGET': {
      const { need, free } = obstacle.money;
      return { code, need, free, unit: currency, action: 'Ask for less, or for a larger budget.' };
    }
    case 'NO_MATCHING_DEVICE':
      return {
        ...gpus,
        free: String(obstacle.largestNode),
        action: `Ask for at most ${obstacle.largestNode} GPUs of ${gpuModelId}: no node has more.`,
      };
    case 'CAPACITY':
      return {
        ...gpus,
        free: String(obstacle.free),
        action: `Wait until one node has enough free GPUs of ${gpuModelId}, or name more models.`,
      };
  }
}
