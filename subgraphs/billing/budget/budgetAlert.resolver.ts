import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { type BudgetAlertArgs, openBudgetAlerts } from './budgetAlert.feed.js';
import { BudgetAlert } from './budgetAlert.type.js';

type Subscribed = { args: BudgetAlertArgs; context: Context };

@Resolver()
export class BudgetAlertResolver {
  @Subscription(() => BudgetAlert, {
    subscribe: ({ args, context }: Subscribed) => openBudgetAlerts(args, context),
    description:
      'What the budgets that count for a project report: its own and those of the projects above it, as far as you may see them. Each threshold comes once per period. It begins with those that were reached in the current period, unless you say after which item to go on.',
  })
  budgetAlerts(
    @Root() alert: BudgetAlert,
    @Arg('projectId', () => ID, { description: 'The project.' }) _projectId: string,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): BudgetAlert {
    return alert;
  }
}
