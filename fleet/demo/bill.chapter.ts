import { compare, divided, minus, times } from '../../contracts/decimal.js';
import type { Feed } from './feed.js';
import { isMore, type Money, shown, sum } from './money.js';
import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

type Dashboard = {
  quotas: { nominal: number; used: number; held: number }[];
  budgets: { id: string; status: string; spent: Money; held: Money }[];
  cost: { total: Money; groups: { key: string; amount: Money; gpuSeconds: string }[] };
};

export type Alert = { thresholdPercent: number; action: string; budget: { id: string; status: string } };

/** By how much the cost of one allocation may be off by rounding, and how many the story has. */
const ROUNDING = '0.0000000005';
const ALLOCATIONS = 11;

/** To be opened before anything is spent: alerts are told as they come. */
export const watchAlerts = ({ cast }: Stage, { id }: Project): Feed<Alert> =>
  cast.finops.watch<Alert>('BudgetAlerts', { projectId: id });

/** All that ran has ended: the dashboard's sums are the things' own costs, and a smaller budget raises an alert. */
export async function checkBill(
  stage: Stage,
  project: Project,
  ran: { costs: readonly Money[]; alerts: Feed<Alert> },
): Promise<void> {
  const { cast, screen } = stage;
  const window = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 86_400_000) };
  const read = () => cast.projectAdmin.read<Dashboard>('ProjectDashboard', { id: project.id, ...window });
  const expected = sum(ran.costs.map(({ amount }) => amount));
  const dashboard = await waitUntil(
    stage,
    `the project has spent ${expected}, the sum of what ran, and holds nothing`,
    read,
    ({ cost, budgets }) => cost.total.amount === expected && budgets[0]?.held.amount === '0',
  );
  checkSums(dashboard, project);
  const { total } = dashboard.cost;
  screen.tell(cast.projectAdmin.username, `sees ${shown(total)} spent: what its things cost, added up`);
  for (const { key, amount, gpuSeconds } of dashboard.cost.groups)
    screen.note(`${key}: ${gpuSeconds} GPU-seconds, ${shown(amount)}`);
  await cutBudget(stage, project, total, ran.alerts);
}

function checkSums({ quotas, budgets, cost }: Dashboard, { gpuModel }: Project): void {
  const { groups, total } = cost;
  expectSame('the sum of the groups', total.amount, sum(groups.map(({ amount }) => amount.amount)));
  expectSame('what the budget has spent', total.amount, budgets[0]?.spent.amount ?? null);
  expectSame('the quota in use', 0, (quotas[0]?.used ?? -1) + (quotas[0]?.held ?? 0));
  const seconds = sum(groups.map(({ gpuSeconds }) => gpuSeconds));
  const byTime = divided(times(gpuModel.pricePerHour.amount, milliseconds(seconds)), 3_600_000, 9);
  const off = minus(byTime, total.amount).replace('-', '');
  expectThat(
    `GPU-seconds × rate ÷ 3600 is ${total.amount}, but for the rounding`,
    compare(off, times(ROUNDING, ALLOCATIONS + 1)) <= 0,
    byTime,
  );
}

const milliseconds = (seconds: string) => Math.round(Number(seconds) * 1000);

/** With a budget of which two thirds are spent, the first threshold is crossed. */
async function cutBudget(
  { cast, screen }: Stage,
  project: Project,
  spent: Money,
  alerts: Feed<Alert>,
): Promise<void> {
  const { finops } = cast;
  const amount = { amount: divided(times(spent.amount, 3), 2, 9), currency: spent.currency };
  const { budget } = await finops.command<{ budget: { status: string } }>('UpdateBudget', {
    id: project.budgetId,
    amount,
  });
  screen.tell(finops.username, `cuts the budget to ${shown(amount)}: ${budget.status}`);
  screen.awaits('an alert comes');
  const alert = await alerts.until('an alert comes', () => true);
  expectSame('the budget of the alert', project.budgetId, alert.budget.id);
  expectSame('the threshold of the alert', 50, alert.thresholdPercent);
  expectSame('what it leads to', 'WARN', alert.action);
  expectSame('the state of the budget', 'WARNING', alert.budget.status);
  expectThat('the amount is more than was spent', isMore(amount.amount, spent.amount), amount);
  screen.tell(finops.username, `is alerted: ${alert.thresholdPercent} % are spent (${alert.action})`);
}
