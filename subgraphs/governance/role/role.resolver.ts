import { Query, Resolver } from 'type-graphql';
import { RoleType } from './role.type.js';
import { ROLES } from './roles.js';

@Resolver(() => RoleType)
export class RoleResolver {
  @Query(() => [RoleType], { description: 'The roles that can be given to people.' })
  roles(): RoleType[] {
    return ROLES.map(({ name, about, inScope, everywhere }) => ({
      name,
      about,
      permissions: [...new Set([...inScope, ...everywhere])],
    }));
  }
}
