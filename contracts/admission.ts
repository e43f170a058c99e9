/**
 * The rules by which a request for GPUs is planned and admitted, as pure functions: whoever plans, admits or queues must
 * come to the same answer. Amounts are decimal text.
 */

/** Why something does not run now: each code, and what the schema says of it. */
export const BLOCKER_CODE_MEANING = {
  QUOTA: { description: 'A quota of the project, or of one above it, is too small or used up.' },
  LENDING: { description: 'Who could lend GPUs lends no more.' },
  BUDGET: { description: 'The budget does not pay for it.' },
  APPROVAL: { description: 'Somebody has to approve it.' },
  DEPENDENCY: { description: 'It waits for something else to end.' },
  CAPACITY: { description: 'No devices are free.' },
  TOPOLOGY: { description: 'Free devices do not lie together as was asked.' },
  NO_MATCHING_DEVICE: { description: 'There is no such device, or not as many on one node.' },
  EXCEEDS_MAX: { description: 'It is more than can ever be given.' },
  QUEUE_STOPPED: { description: 'Its queue is stopped.' },
  HELD: { description: 'Somebody holds it back.' },
  POLICY: { description: 'A rule forbids it.' },
  CLUSTER_OFFLINE: { description: 'The cluster cannot be reached.' },
  WAITING_FOR_PREEMPTION: { description: 'Something else is being stopped for it.' },
  NOT_EVALUATED: { description: 'Nobody has looked at it yet.' },
} as const;
export type BlockerCode = keyof typeof BLOCKER_CODE_MEANING;

/** The codes by their names, as an enum of the schema. */
export const BlockerCode = Object.fromEntries(
  Object.keys(BLOCKER_CODE_MEANING).map((code) => [code, code]),
) as { [Code in BlockerCode]: Code };

/** A limit that counts for a project: its own, or an ancestor's. No quota is a limit of 0. */
export type QuotaCell = { projectId: string; gpuModelId: string; nominal: number; used: number };

export type Capacity = {
  /** Devices that could be given now. */
  free: number;
  /** The largest request that could be given devices now: on one node for an instance, over several for a job. */
  largestNow: number;
  /** The same if every device were free. */
  largestEver: number;
};

/** What is left of the tightest budget, and what the request would need of it: its first hour, or its whole run. */
export type MoneyNeed = { need: string; free: string; fits: boolean };

/** One model that a request would take, and what stands in its way. */
export type ModelFacts = {
  gpuModelId: string;
  /** The project's own limit. */
  nominal: number;
  /** GPUs of the model that the project and those below it have now. */
  used: number;
  /** Per GPU and hour; null where no price is known. */
  rate: string | null;
  cells: readonly QuotaCell[];
  capacity: Capacity;
  /** Null where no budget counts, or no price is known. */
  money: MoneyNeed | null;
};

export type Obstacle =
  | { code: 'QUOTA'; gpuModelId: string; cell: QuotaCell; free: number }
  | { code: 'BUDGET'; gpuModelId: string; money: MoneyNeed }
  | { code: 'NO_MATCHING_DEVICE'; gpuModelId: string; largestEver: number }
  | { code: 'CAPACITY'; gpuModelId: string; free: number };

/** In this order things are checked, and the first that fails answers. */
const CHECKS: readonly Obstacle['code'][] = ['QUOTA', 'BUDGET', 'NO_MATCHING_DEVICE', 'CAPACITY'];

/** What stops `count` GPUs of one model: the first check that fails, or null. */
export function obstacleOf(count: number, facts: ModelFacts): Obstacle | null {
  const { gpuModelId, cells, money, capacity } = facts;
  const full = cells.find(({ nominal, used }) => used + count > nominal);
  if (full) return { code: 'QUOTA', gpuModelId, cell: full, free: Math.max(0, full.nominal - full.used) };
  if (money && !money.fits) return { code: 'BUDGET', gpuModelId, money };
  const { free, largestNow, largestEver } = capacity;
  if (count > largestEver) return { code: 'NO_MATCHING_DEVICE', gpuModelId, largestEver };
  if (count > largestNow) return { code: 'CAPACITY', gpuModelId, free };
  return null;
}

/** Whether no waiting could help: it is more than a limit allows, or than there are devices. */
export const neverFits = (
  count: number,
  { cells, capacity }: Pick<ModelFacts, 'cells' | 'capacity'>,
): boolean => count > capacity.largestEver || cells.some(({ nominal }) => count > nominal);

export type Verdict =
  | { feasible: true; model: ModelFacts; obstacles: readonly [] }
  /** One obstacle per model; the first is the one that answers. */
  | { feasible: false; model: null; obstacles: readonly [Obstacle, ...Obstacle[]] };

/**
 * The first model that fits. If none does, the one that came furthest through the checks says why: a wish for one of
 * several models is refused for its quota only if the quota of all of them is too small. `models` must not be empty.
 */
export function judge(count: number, models: readonly ModelFacts[]): Verdict {
  const obstacles: Obstacle[] = [];
  for (const model of models) {
    const obstacle = obstacleOf(count, model);
    if (obstacle === null) return { feasible: true, model, obstacles: [] };
    obstacles.push(obstacle);
  }
  const [first, ...others] = obstacles.sort((a, b) => CHECKS.indexOf(b.code) - CHECKS.indexOf(a.code));
  if (!first) throw new Error('A request names at least one model');
  return { feasible: false, model: null, obstacles: [first, ...others] };
}

/**
 * What a plan's hash is taken of: the request, the price and the limit of every model that it may take, the price book,
 * and the rules that its dearest choice matches. Never usage, and never which devices are free.
 */
export const planDocument = (plan: {
  request: object;
  models: readonly Pick<ModelFacts, 'gpuModelId' | 'rate' | 'nominal'>[];
  priceBookVersion: string | null;
  rules: readonly string[];
}) => ({
  request: plan.request,
  models: plan.models.map(({ gpuModelId, rate, nominal }) => ({ gpuModelId, rate, nominal })),
  priceBookVersion: plan.priceBookVersion,
  rules: [...plan.rules].sort(),
});
