import DataLoader from 'dataloader';
import type { Profile, UserRepository } from './user.repository.js';

/** One per request: the names of many people cost one query. */
export const createProfileLoader = (users: Pick<UserRepository, 'findProfiles'>) =>
  new DataLoader<string, Profile | null>(async (userIds) => {
    const byId = new Map((await users.findProfiles(userIds)).map((profile) => [profile.userId, profile]));
    return userIds.map((id) => byId.get(id) ?? null);
  });
