import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ulid } from 'ulid';
import type { Permission } from '../../../contracts/permissions.js';
import { forbidden, notFound } from '../../../platform/errors.js';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction, Money } from '../../../platform/graphql/values.type.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { toMoney } from '../money.js';
import { readAmount } from '../money.inputs.js';
import { visibleProject } from '../project/visibleProject.js';
import { maySeeCost } from '../visibility.js';
import { budgetStatus, decideCreateBudget, decideUpdateBudget } from './budget.js';
import { CreateBudgetInput, UpdateBudgetInput } from './budget.inputs.js';
import { budgetAggregate } from './budget.projection.js';
import { readBudgetsOfProjects } from './budget.repository.js';
import { Budget, BudgetStatus, CreateBudgetPayload, toBudget, UpdateBudgetPayload } from './budget.type.js';
import { budgetExists } from './errors.js';
import { BUDGET_CHECK, EVERY_BUDGET } from './threshold.commands.js';

const WRITE = 'budget:write' satisfies Permission;

@Resolver(() => Budget)
export class BudgetResolver {
  @Query(() => Budget, {
    nullable: true,
    description: 'One budget, as it is or as it was. `spent`, `held` and `status` are always those of now.',
  })
  async budget(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The time to look back to; left out, now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<Budget | null> {
    const current = await visibleBudget(id, context);
    if (!asOf || !current) return current;
    const past = await context.store.load(budgetAggregate, id, { until: asOf.toISOString() });
    const { state, ...entity } = past;
    return state && toBudget({ ...entity, state });
  }

  @Mutation(() => CreateBudgetPayload, {
    description:
      'Limits what a project may spend. Refused with `BUDGET_EXISTS` if it has a budget of that period.',
  })
  async createBudget(
    @Arg('input', () => CreateBudgetInput, { description: 'The limit.' }) input: CreateBudgetInput,
    @Ctx() context: Context,
  ): Promise<CreateBudgetPayload> {
    const { projectId, period } = input;
    const id = `budget_${ulid()}`;
    const thresholds = input.thresholds?.map(({ percent, action }) => ({ percent, action })) ?? null;
    const amount = readAmount(input.amount);
    const events = decideCreateBudget({ id, projectId, period, amount, thresholds });
    if (!(await visibleProject(projectId, context))) throw notFound('Project', projectId);
    checkMayWrite(projectId, context);
    const request = commandRequest(context, 'createBudget', input);
    const answer = await context.commands.execute(request, async (unit) => {
      const budgets = await readBudgetsOfProjects(unit.tx, [projectId]);
      const same = budgets.find(({ state }) => state.period === period);
      if (same) throw budgetExists(projectId, period, same.id);
      await unit.setTimer(BUDGET_CHECK, EVERY_BUDGET, unit.now);
      return unit.save(budgetAggregate, await unit.load(budgetAggregate, id), events, projectId);
    });
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, budget: toBudget(result) };
  }

  @Mutation(() => UpdateBudgetPayload, {
    description: 'Changes what may be spent in each period, from now on.',
  })
  async updateBudget(
    @Arg('input', () => UpdateBudgetInput, { description: 'The new amount.' }) input: UpdateBudgetInput,
    @Ctx() context: Context,
  ): Promise<UpdateBudgetPayload> {
    const amount = readAmount(input.amount);
    const visible = await visibleBudget(input.id, context);
    if (!visible) throw notFound('Budget', input.id);
    const projectId = visible.project.id;
    checkMayWrite(projectId, context);
    const request = commandRequest(context, 'updateBudget', input);
    const answer = await context.commands.execute(request, async (unit) => {
      const budget = await unit.load(budgetAggregate, input.id, input.expectedVersion ?? null);
      if (!budget.state) throw notFound('Budget', input.id);
      const events = decideUpdateBudget(input.id, budget.state, amount);
      await unit.setTimer(BUDGET_CHECK, EVERY_BUDGET, unit.now);
      return unit.save(budgetAggregate, budget, events, projectId);
    });
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, budget: toBudget(result) };
  }

  @FieldResolver(() => Money, { description: 'What was spent in the current period, to this moment.' })
  async spent(@Root() { entity }: Budget, @Ctx() { loaders }: Context): Promise<Money> {
    return toMoney((await loaders.standing.load(entity)).spent);
  }

  @FieldResolver(() => Money, {
    description:
      'What is reserved: for the next hour of instances and deployments, for the whole run of jobs, less what they have used of it.',
  })
  async held(@Root() { entity }: Budget, @Ctx() { loaders }: Context): Promise<Money> {
    return toMoney((await loaders.standing.load(entity)).held);
  }

  @FieldResolver(() => BudgetStatus, { description: 'How much of it is spent in the current period.' })
  async status(@Root() { entity }: Budget, @Ctx() { loaders }: Context): Promise<keyof typeof BudgetStatus> {
    return budgetStatus(entity.state, (await loaders.standing.load(entity)).spent);
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { project }: Budget, @Ctx() { principal }: Context): AvailableAction[] {
    const allowed = may(principal, WRITE, project.id);
    const reason = allowed ? null : `You lack the right ${WRITE}.`;
    return [{ action: 'updateBudget', allowed, reason, resultingState: null }];
  }
}

export const budgetReference = ({ id }: { id: string }, context: Context) => visibleBudget(id, context);

/** The one door to budgets: what the viewer may not see is missing. */
async function visibleBudget(id: string, { loaders, principal }: Context): Promise<Budget | null> {
  const budget = await loaders.budget.load(id);
  return budget && maySeeCost(principal, budget.state.projectId) ? toBudget(budget) : null;
}

function checkMayWrite(projectId: string, { principal }: Context): void {
  if (!may(principal, WRITE, projectId)) throw forbidden(WRITE);
}
