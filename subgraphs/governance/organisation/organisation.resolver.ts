import { Ctx, FieldResolver, Query, Resolver } from 'type-graphql';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { actionByRight, AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import { Organisation, toOrganisation } from './organisation.type.js';

/** The one door to the organisation. Whoever is authenticated is in it. */
async function visibleOrganisation({ repositories }: Context): Promise<Organisation | null> {
  const organisation = await repositories.organisations.find();
  return organisation && toOrganisation(organisation);
}

@Resolver(() => Organisation)
export class OrganisationResolver {
  @Query(() => Organisation, {
    nullable: true,
    description: 'The organisation that you are in; null until it was created.',
  })
  organisation(@Ctx() context: Context): Promise<Organisation | null> {
    return visibleOrganisation(context);
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Ctx() { principal }: Context): AvailableAction[] {
    const scope = { viewer: principal, projectId: null };
    return [
      actionByRight('createProject', 'project:create', scope),
      actionByRight('bindRole', 'role:bind', scope),
    ];
  }
}

export async function resolveOrganisation({ id }: { id: string }, context: Context) {
  const organisation = await visibleOrganisation(context);
  return organisation?.id === id ? organisation : null;
}
