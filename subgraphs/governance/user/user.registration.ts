import { ulid } from 'ulid';
import type { IdentityClaims } from '../../../contracts/calls.js';
import { sqlState } from '../../../platform/database/failures.js';
import type { Commands } from '../../../platform/command/commands.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { decideRegisterUser } from './user.js';
import { userAggregate } from './user.projection.js';
import type { Profile, UserRepository } from './user.repository.js';

const UNIQUE_VIOLATION = '23505';

type Names = Pick<IdentityClaims, 'username' | 'name' | 'email'>;

/**
 * Knows people by their usernames, whatever issuer names them. At first sight they are registered; later their profile
 * follows what the issuer says; what it leaves out stays.
 */
export function createRegistration(commands: Commands, users: UserRepository) {
  return async function recognise(claims: Names): Promise<Profile> {
    const known = await users.findProfileByUsername(claims.username);
    if (!known) return register(claims);
    const displayName = claims.name ?? known.displayName;
    const email = claims.email ?? known.email;
    const same = known.displayName === displayName && known.email === email;
    return same ? known : users.updateProfile({ ...known, displayName, email });
  };

  async function register(claims: Names): Promise<Profile> {
    const userId = `user_${ulid()}`;
    const { username, name, email } = claims;
    const profile = { userId, username, displayName: name ?? username, email };
    try {
      await commands.execute(registrationOf(userId), async (unit) => {
        const unborn = await unit.load(userAggregate, userId);
        await unit.save(userAggregate, unborn, decideRegisterUser(userId), null);
        await unit.tx.userProfile.create({ data: profile });
        return null;
      });
      return profile;
    } catch (error) {
      // Their first two requests came at once, and the other one registered them.
      const other = await users.findProfileByUsername(claims.username);
      if (sqlState(error) === UNIQUE_VIOLATION && other) return other;
      throw error;
    }
  }
}

const registrationOf = (userId: string) => ({
  name: 'registerUser',
  principal: systemPrincipal('registration'),
  requestId: userId,
  correlationId: userId,
  idempotencyKey: null,
  input: null,
});
