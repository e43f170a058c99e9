import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { actionByRight, AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import { Project } from '../project/project.type.js';
import { visibleProject } from '../project/visibleProject.js';
import { SetQuotaInput, SetQuotaPayload } from './quota.inputs.js';
import { quotaAggregate } from './quota.projection.js';
import { Quota, toQuota } from './quota.type.js';
import { setQuota } from './quota.commands.js';
import { visibleQuota } from './visibleQuota.js';

@Resolver(() => Quota)
export class QuotaResolver {
  @Query(() => Quota, {
    nullable: true,
    description: 'A quota by its id; null if there is none that you may see.',
  })
  async quota(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<Quota | null> {
    const quota = await visibleQuota(id, context);
    if (!quota || !asOf) return quota;
    const { state, ...past } = await context.store.load(quotaAggregate, id, { until: asOf.toISOString() });
    return state && toQuota({ ...past, state });
  }

  @Mutation(() => SetQuotaPayload, {
    description:
      'Sets how many GPUs of a model a project may have at one time. What is running is not stopped by a smaller quota.',
  })
  setQuota(
    @Arg('input', () => SetQuotaInput, { description: 'The quota.' }) input: SetQuotaInput,
    @Ctx() context: Context,
  ): Promise<SetQuotaPayload> {
    return setQuota(input, context);
  }

  @FieldResolver()
  project(@Root() { projectId }: Quota, @Ctx() context: Context): Promise<Project | null> {
    return visibleProject(projectId, context);
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { projectId }: Quota, @Ctx() { principal }: Context): AvailableAction[] {
    return [actionByRight('setQuota', 'quota:set', { viewer: principal, projectId })];
  }
}

@Resolver(() => Project)
export class ProjectQuotasResolver {
  @FieldResolver(() => [Quota], {
    description: 'Its own quotas, one per GPU model; those above it count too.',
  })
  async quotas(@Root() { id }: Project, @Ctx() { loaders }: Context): Promise<Quota[]> {
    return (await loaders.quotasOfProject.load(id)).map(toQuota);
  }
}
