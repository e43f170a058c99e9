import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Permission } from '../../../contracts/permissions.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { seesContents } from '../instance/instance.access.js';
import { QuotaStub } from './quota.type.js';
import type { QuotaLimit } from './quotaLimit.repository.js';

/** Amounts are for those who see into the project, and for those who run the fleet. */
const seesAmounts = (viewer: Principal, projectId: string): boolean =>
  seesContents(viewer, projectId) || may(viewer, 'amounts:read' satisfies Permission, projectId);

async function visibleLimit({ id }: QuotaStub, context: Context): Promise<QuotaLimit | null> {
  const limit = await context.loaders.quotaLimit.load(id);
  return limit && seesAmounts(context.principal, limit.projectId) ? limit : null;
}

@Resolver(() => QuotaStub)
export class QuotaResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'GPUs that the project, with all below it, has now; null if you may not see that.',
  })
  async used(@Root() quota: QuotaStub, @Ctx() context: Context): Promise<number | null> {
    const limit = await visibleLimit(quota, context);
    return limit && context.loaders.usage.load(limit);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'GPUs that are reserved and not given yet; null if you may not see that. Instances get theirs at once.',
  })
  async held(@Root() quota: QuotaStub, @Ctx() context: Context): Promise<number | null> {
    return (await visibleLimit(quota, context)) && 0;
  }
}
