import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { type Connection, paginate } from '../../../platform/graphql/connection.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { may } from '../../../platform/identity/principal.js';
import { AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import type { Profile } from './user.repository.js';
import { User, UserConnection } from './user.type.js';
import { visibleUser } from './visibleUser.js';

@Resolver(() => User)
export class UserResolver {
  @Query(() => User, {
    nullable: true,
    description: 'A person by their id; null if there is none that you may see.',
  })
  user(
    @Arg('id', () => ID, { description: 'Their id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<User | null> {
    return visibleUser(id, context);
  }

  @Query(() => UserConnection, {
    description: 'The people whose name or username contains a text, by their usernames.',
  })
  async users(
    @Arg('search', () => String, {
      defaultValue: '',
      description: 'Part of a name, in small or capital letters; empty for everybody.',
    })
    search: string,
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<User>> {
    const { principal, repositories } = context;
    const wanted = { text: search, onlyUserId: may(principal, 'user:read') ? null : principal.id };
    return paginate(
      { first, after },
      {
        read: async (next) => findUsers(await repositories.users.pageOfProfiles(wanted, next), context),
        key: ({ username }) => username,
        toNode: ({ user }) => user,
        count: () => repositories.users.countProfiles(wanted),
      },
    );
  }

  @FieldResolver()
  async displayName(@Root() { id }: User, @Ctx() { loaders }: Context): Promise<string> {
    return (await loaders.profile.load(id))?.displayName ?? id;
  }

  @FieldResolver()
  async username(@Root() { id }: User, @Ctx() { loaders }: Context): Promise<string | null> {
    return (await loaders.profile.load(id))?.username ?? null;
  }

  @FieldResolver()
  async email(@Root() { id }: User, @Ctx() { loaders }: Context): Promise<string | null> {
    return (await loaders.profile.load(id))?.email ?? null;
  }

  /** People come and go with the issuer: there is nothing to command here. */
  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(): AvailableAction[] {
    return [];
  }
}

/** A profile is written with its user, in one transaction: each has one. */
function findUsers(
  profiles: readonly Profile[],
  context: Context,
): Promise<{ user: User; username: string }[]> {
  return Promise.all(
    profiles.map(async ({ userId, username }) => {
      const user = await visibleUser(userId, context);
      if (!user) throw new Error(`The profile of ${userId} has no user`);
      return { user, username };
    }),
  );
}
