import {
  type BlockerCode,
  judge,
  type ModelFacts,
  type Obstacle,
  planDocument,
  type Verdict,
} from './admission.js';
import type { BudgetStatus } from './calls.js';
import { compare, divided, minus, times } from './decimal.js';
import { type ApprovalPolicy, type ApprovalRule, matchedRules } from './policy.js';

export type Amount = { amount: string; currency: string };

export type PlanBlocker = {
  code: BlockerCode;
  /** 1 is the one that a request would be refused for, or would wait for. */
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
  /** Whether quota, money and devices allow it now. An approval may be needed all the same. */
  feasible: boolean;
  offers: { gpuModelId: string; available: number; pricePerHour: Amount | null }[];
  /** Of the model that would be taken. `total` is for the whole run, where there is one. */
  estimate: { perHour: Amount; total: Amount | null; priceBookVersion: string } | null;
  quotaEffect: { gpuModelId: string; nominal: number; used: number; requested: number }[];
  budgetEffect: { limit: Amount; spent: Amount; held: Amount } | null;
  approvalsNeeded: { rule: string; reason: string }[];
  blockers: PlanBlocker[];
};

export type PlanInput = {
  /** What the hash is taken of: every field filled in, whoever left it out. */
  request: object;
  /** Devices in all. */
  count: number;
  /** For how long a run may last that is paid for in advance; null for what is paid for by the hour. */
  runSeconds: number | null;
  /** The models that were asked for, first choice first; not empty. */
  models: readonly Omit<ModelFacts, 'money'>[];
  /** The price book that counts now. */
  prices: { version: string; currency: string } | null;
  /** The tightest budget that counts. */
  budget: BudgetStatus | null;
  policy: ApprovalPolicy;
  /** Of the canonical form of a JSON value. */
  hash: (value: unknown) => string;
};

export type Assessment = {
  plan: Plan;
  verdict: Verdict;
  /** The rules that the dearest choice matches: if there are any, somebody has to approve it. */
  rules: readonly ApprovalRule[];
};

/** Decimals of an amount of money that was divided. */
const DECIMALS = 9;
const HOUR_SECONDS = 3_600;

/** What `count` GPUs cost for a time, as decimal text. Whoever plans and whoever holds money get the same. */
export const costFor = (rate: string, count: number, seconds: number = HOUR_SECONDS): string =>
  seconds === HOUR_SECONDS
    ? times(rate, count)
    : divided(times(times(rate, count), seconds), HOUR_SECONDS, DECIMALS);

/** Judges a request for GPUs of one of the models, and says what it would mean. */
export function assess(input: PlanInput): Assessment {
  const { request, count, prices, policy, hash } = input;
  const models = input.models.map((model) => ({ ...model, money: moneyNeed(model.rate, input) }));
  const verdict = judge(count, models);
  const perHour = dearest(models.flatMap(({ rate }) => (rate === null ? [] : [costFor(rate, count)])));
  const rules = matchedRules(policy, { gpus: count, perHour });
  const document = planDocument({
    request,
    models,
    priceBookVersion: prices?.version ?? null,
    rules: rules.map(({ id }) => id),
  });
  const plan: Plan = {
    planHash: hash(document),
    feasible: verdict.feasible,
    offers: models.map(({ gpuModelId, capacity, rate }) => ({
      gpuModelId,
      available: capacity.free,
      pricePerHour: rate === null || !prices ? null : { amount: rate, currency: prices.currency },
    })),
    estimate: estimateOf(verdict, models, input),
    quotaEffect: models.map(({ gpuModelId, nominal, used }) => ({
      gpuModelId,
      nominal,
      used,
      requested: count,
    })),
    budgetEffect: input.budget && budgetEffect(input.budget),
    approvalsNeeded: rules.map(({ id, reason }) => ({ rule: id, reason })),
    blockers: blockersOf(verdict, rules, input),
  };
  return { plan, verdict, rules };
}

/** Whether what is left of the budget pays for it. Null where no budget counts, or no price is known. */
function moneyNeed(rate: string | null, { count, runSeconds, budget }: PlanInput): ModelFacts['money'] {
  if (rate === null || !budget) return null;
  const need = costFor(rate, count, runSeconds ?? HOUR_SECONDS);
  const left = minus(minus(budget.limit, budget.spent), budget.held);
  const free = budget.blocked || compare(left, '0') < 0 ? '0' : left;
  return { need, free, fits: !budget.blocked && compare(left, need) >= 0 };
}

const dearest = (amounts: readonly string[]): string | null => [...amounts].sort(compare).at(-1) ?? null;

function estimateOf(
  verdict: Verdict,
  models: readonly ModelFacts[],
  { count, runSeconds, prices }: PlanInput,
): Plan['estimate'] {
  const chosen =
    verdict.model ?? models.find(({ gpuModelId }) => gpuModelId === verdict.obstacles[0]?.gpuModelId);
  if (!prices || chosen?.rate == null) return null;
  const { version: priceBookVersion, currency } = prices;
  const { rate } = chosen;
  return {
    perHour: { amount: costFor(rate, count), currency },
    total: runSeconds === null ? null : { amount: costFor(rate, count, runSeconds), currency },
    priceBookVersion,
  };
}

const budgetEffect = ({ limit, spent, held, currency }: BudgetStatus) => ({
  limit: { amount: limit, currency },
  spent: { amount: spent, currency },
  held: { amount: held, currency },
});

/** What a request would be refused for comes first; whoever has to approve is asked once nothing else is in the way. */
function blockersOf(
  { obstacles }: Verdict,
  rules: readonly ApprovalRule[],
  { count, budget, policy }: PlanInput,
): PlanBlocker[] {
  const found = obstacles.map((obstacle) => blockerOf(obstacle, count, budget?.currency ?? ''));
  const approval = rules.length === 0 ? [] : [approvalBlocker(policy)];
  return [...found, ...approval].map((blocker, index) => ({ ...blocker, rank: index + 1, since: null }));
}

type Unranked = Omit<PlanBlocker, 'rank' | 'since'>;

const approvalBlocker = ({ steps }: ApprovalPolicy): Unranked => ({
  code: 'APPROVAL',
  need: String(steps.reduce((sum, { quorum }) => sum + quorum, 0)),
  free: '0',
  unit: 'APPROVAL',
  action: 'Ask for it: it waits until somebody else who may approve has decided.',
});

function blockerOf(obstacle: Obstacle, count: number, currency: string): Unranked {
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
        free: String(obstacle.largestEver),
        action: `Ask for at most ${obstacle.largestEver} GPUs of ${gpuModelId}: there is no room for more.`,
      };
    case 'CAPACITY':
      return {
        ...gpus,
        free: String(obstacle.free),
        action: `Wait until enough GPUs of ${gpuModelId} are free, or name more models.`,
      };
  }
}
