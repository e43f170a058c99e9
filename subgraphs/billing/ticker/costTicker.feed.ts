import type { OwnerKind } from '../../../contracts/resources.events.js';
import { badUserInput, notFound } from '../../../platform/errors.js';
import type { Context } from '../context.js';
import { visibleOwner } from '../cost/visibleCost.js';
import { toMoney } from '../money.js';
import { maySeeCostOf } from '../project/visibleProject.js';
import { ownerKindOf } from '../usage/owner.js';
import type { CostScope } from './costMeter.repository.js';
import type { CostScopeInput } from './costTicker.inputs.js';
import type { CostTick } from './costTicker.type.js';

const CHOICES = ['jobId', 'instanceId', 'projectId'] as const;

/** Refused at once for who may not see what it costs; then it is open until the call's signal aborts. */
export async function openCostTicker(
  input: CostScopeInput,
  context: Context,
): Promise<AsyncIterable<CostTick>> {
  return ticks(await readScope(input, context), context);
}

async function* ticks(scope: CostScope, { meters, call }: Context): AsyncGenerator<CostTick> {
  for await (const { at, accrued, ratePerHour } of meters.watch(scope, call.signal))
    yield { at: new Date(at), accrued: toMoney(accrued), ratePerHour: toMoney(ratePerHour) };
}

async function readScope(input: CostScopeInput, context: Context): Promise<CostScope> {
  const given = CHOICES.filter((choice) => input[choice] != null);
  if (given.length !== 1)
    throw badUserInput([{ path: ['scope'], message: `give exactly one of ${CHOICES.join(', ')}` }]);
  const { jobId, instanceId, projectId } = input;
  if (jobId != null) return readOwner(jobId, 'JOB', context);
  if (instanceId != null) return readOwner(instanceId, 'INSTANCE', context);
  const id = projectId ?? '';
  if (!(await maySeeCostOf(id, context))) throw notFound('Project', id);
  return { projectId: id };
}

const NAME = { JOB: 'Job', INSTANCE: 'Instance' } as const satisfies Partial<Record<OwnerKind, string>>;

async function readOwner(id: string, kind: keyof typeof NAME, context: Context): Promise<CostScope> {
  if (ownerKindOf(id) !== kind || !(await visibleOwner(id, context))) throw notFound(NAME[kind], id);
  return { ownerId: id };
}
