import type { PrismaClient, UserProfile } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { UserState } from './user.js';

export type Profile = UserProfile;

/** Whose profiles: of all people whose name contains the text, or of one of them if they may see nobody else. */
export type ProfileSearch = { text: string; onlyUserId: string | null };

/** The read side of users, and their profiles. */
export function createUserRepository(prisma: Pick<PrismaClient, 'user' | 'userProfile'>) {
  return {
    findByIds: async (ids: readonly string[]): Promise<Existing<UserState>[]> =>
      (await prisma.user.findMany({ where: { id: { in: [...ids] } } })).map((row) => toExisting(row)),

    findProfiles: (userIds: readonly string[]): Promise<Profile[]> =>
      prisma.userProfile.findMany({ where: { userId: { in: [...userIds] } } }),

    findProfileByUsername: (username: string): Promise<Profile | null> =>
      prisma.userProfile.findUnique({ where: { username } }),

    updateProfile: ({ userId, ...names }: Profile): Promise<Profile> =>
      prisma.userProfile.update({ where: { userId }, data: names }),

    /** By username. `after` is the username of the last profile of the page before. */
    pageOfProfiles: (
      search: ProfileSearch,
      { take, after }: { take: number; after: string | null },
    ): Promise<Profile[]> =>
      prisma.userProfile.findMany({
        where: { ...matching(search), ...(after !== null && { username: { gt: after } }) },
        orderBy: { username: 'asc' },
        take,
      }),

    countProfiles: (search: ProfileSearch): Promise<number> =>
      prisma.userProfile.count({ where: matching(search) }),
  };
}

export type UserRepository = ReturnType<typeof createUserRepository>;

function matching({ text, onlyUserId }: ProfileSearch) {
  const contains = { contains: text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } as const;
  return {
    OR: [{ username: contains }, { displayName: contains }],
    ...(onlyUserId !== null && { userId: onlyUserId }),
  };
}
