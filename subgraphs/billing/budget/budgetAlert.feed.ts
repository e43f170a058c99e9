import type { BillingEvent } from '../../../contracts/billing.events.js';
import { notFound } from '../../../platform/errors.js';
import type { Position, Positioned } from '../../../platform/eventStore/event.js';
import { decodeCursor, encodeCursor } from '../../../platform/feed/cursor.js';
import type { Context } from '../context.js';
import { readLineage } from '../project/lineage.repository.js';
import { maySeeCostOf } from '../project/visibleProject.js';
import { maySeeCost } from '../visibility.js';
import { budgetAggregate } from './budget.projection.js';
import { type BudgetEntity, readBudgetsOfProjects } from './budget.repository.js';
import { toBudget } from './budget.type.js';
import type { BudgetAlert } from './budgetAlert.type.js';
import { periodAt } from './period.js';

export type BudgetAlertArgs = { projectId: string; after?: string | null };

/**
 * What happened to the budgets that count for a project, none missing, none twice. Refused at once for who may not see
 * what the project costs; then it is open until the call's signal aborts.
 */
export async function openBudgetAlerts(
  { projectId, after = null }: BudgetAlertArgs,
  context: Context,
): Promise<AsyncIterable<BudgetAlert>> {
  const start = after === null ? null : decodeCursor(context.store.context, after);
  if (!(await maySeeCostOf(projectId, context))) throw notFound('Project', projectId);
  const lineage = await readLineage(context.reader, projectId);
  return alerts(
    lineage.filter((id) => maySeeCost(context.principal, id)),
    start,
    context,
  );
}

async function* alerts(
  projectIds: readonly string[],
  start: Position | null,
  context: Context,
): AsyncGenerator<BudgetAlert> {
  const { store, tails, call } = context;
  const tail = await tails(store.context);
  const head = await tail.fetchHead();
  const past = start === null ? await readCurrent(projectIds, head, context) : [];
  for (const event of past) yield* toAlerts(event, projectIds, context);
  for await (const events of tail.from(start ?? head, call.signal))
    for (const event of events) yield* toAlerts(event, projectIds, context);
}

/** The thresholds that were reached in the current periods, oldest first. */
async function readCurrent(
  projectIds: readonly string[],
  head: Position,
  { reader, store, now }: Context,
): Promise<Positioned[]> {
  const at = await now();
  const budgets = await readBudgetsOfProjects(reader, projectIds);
  const streams = await Promise.all(
    budgets.map(async ({ id, state }) => {
      const current = periodAt(state.period, at).name;
      const events = await store.readStream<BillingEvent>(id);
      return events.filter(({ type, data }) => type === 'BudgetThresholdCrossed' && data.period === current);
    }),
  );
  return streams
    .flat()
    .filter(({ position }) => position <= head)
    .sort((a, b) => Number(a.position - b.position));
}

async function* toAlerts(
  event: Positioned,
  projectIds: readonly string[],
  context: Context,
): AsyncGenerator<BudgetAlert> {
  const facts = factsOf(event as Positioned<BillingEvent>);
  if (!facts) return;
  const { budgetId, ...alert } = facts;
  const budget = await readBudgetAt(budgetId, event, context);
  if (!budget || !projectIds.includes(budget.state.projectId)) return;
  const cursor = encodeCursor(context.store.context, event.position);
  yield { cursor, at: event.occurredAt, ...alert, budget: toBudget(budget) };
}

type AlertFacts = Pick<BudgetAlert, 'thresholdPercent' | 'action'> & { budgetId: string };

/** What an event says of a budget; null if it is no alert. */
function factsOf({ type, data }: BillingEvent): AlertFacts | null {
  if (type === 'BudgetThresholdCrossed')
    return { budgetId: data.id, thresholdPercent: data.percent, action: data.action };
  if (type !== 'HoldRenewalRefused' || data.budgetId === undefined) return null;
  return { budgetId: data.budgetId, thresholdPercent: null, action: 'RENEWAL_REFUSED' };
}

async function readBudgetAt(id: string, event: Positioned, { store }: Context): Promise<BudgetEntity | null> {
  const { state, ...entity } = await store.load(budgetAggregate, id, { until: event.occurredAt });
  return state && { ...entity, state };
}
