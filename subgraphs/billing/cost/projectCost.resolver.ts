import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { badUserInput } from '../../../platform/errors.js';
import type { BudgetEntity } from '../budget/budget.repository.js';
import { Budget, toBudget } from '../budget/budget.type.js';
import type { Context } from '../context.js';
import { groupBy } from '../groupBy.js';
import { sum, toMoney, toText } from '../money.js';
import { ProjectStub } from '../project/project.type.js';
import { maySeeCostOf } from '../project/visibleProject.js';
import { type Charge, chargesOf, gpuSeconds } from '../usage/rating.js';
import { readUsageOfProjects } from '../usage/usage.repository.js';
import { CostDimension, CostGroup, CostWindowInput, ProjectCost } from './projectCost.type.js';

@Resolver(() => ProjectStub)
export class ProjectCostResolver {
  @FieldResolver(() => ProjectCost, {
    nullable: true,
    description: 'What it and all projects below it cost in a span of time; null where you may not see it.',
  })
  async cost(
    @Root() { id }: ProjectStub,
    @Arg('window', () => CostWindowInput, { description: 'The span of time.' }) window: CostWindowInput,
    @Ctx() context: Context,
  ): Promise<ProjectCost | null> {
    if (window.to <= window.from)
      throw badUserInput([{ path: ['window', 'to'], message: 'must be later than `from`' }]);
    if (!(await maySeeCostOf(id, context))) return null;
    const now = await context.now();
    const from = window.from;
    const to = window.to < now ? window.to : now;
    const charges = await readCharges(id, { from, to }, context);
    const total = toMoney(sum(charges.map(({ amount }) => amount)));
    return { from, to, total, gpuSeconds: toText(gpuSeconds(charges)), charges };
  }

  @FieldResolver(() => [Budget], {
    nullable: true,
    description:
      'Its own budgets; those of the projects above it count too. Null where you may not see them.',
  })
  async budgets(@Root() { id }: ProjectStub, @Ctx() context: Context): Promise<Budget[] | null> {
    if (!(await maySeeCostOf(id, context))) return null;
    const budgets: BudgetEntity[] = await context.loaders.budgetsOfProject.load(id);
    return budgets.map(toBudget);
  }
}

@Resolver(() => ProjectCost)
export class CostGroupResolver {
  @FieldResolver(() => [CostGroup], { description: 'The cost taken apart, the dearest part first.' })
  groups(
    @Root() { charges }: ProjectCost,
    @Arg('by', () => CostDimension, { description: 'By what.' }) by: keyof typeof CostDimension,
  ): CostGroup[] {
    return [...groupBy(charges, KEY_BY_DIMENSION[by])]
      .map(([key, part]) => ({ key, part, amount: sum(part.map(({ amount }) => amount)) }))
      .sort((a, b) => b.amount.cmp(a.amount) || (a.key < b.key ? -1 : 1))
      .map(({ key, part, amount }) => ({
        key,
        amount: toMoney(amount),
        gpuSeconds: toText(gpuSeconds(part)),
      }));
  }
}

const KEY_BY_DIMENSION: Readonly<Record<keyof typeof CostDimension, (charge: Charge) => string>> = {
  GPU_MODEL: ({ usage }) => usage.gpuModelId,
  OWNER: ({ usage }) => usage.ownerId,
  OWNER_KIND: ({ usage }) => usage.ownerKind,
  PROJECT: ({ usage }) => usage.projectId,
  PRICE_BOOK: ({ priceBookVersion }) => priceBookVersion,
};

async function readCharges(
  projectId: string,
  { from, to }: { from: Date; to: Date },
  { reader, prices }: Context,
): Promise<Charge[]> {
  const projects = await reader.billingProject.findMany({
    where: { lineage: { has: projectId } },
    select: { id: true },
  });
  const ids = projects.map(({ id }) => id);
  const [usages, timeline] = await Promise.all([readUsageOfProjects(reader, ids, from), prices()]);
  return usages.flatMap((usage) => chargesOf(usage, timeline, { from: from.getTime(), to: to.getTime() }));
}
