import { ulid } from 'ulid';
import type { IdentityClaims } from '../../../contracts/calls.js';
import type { Commands } from '../../../platform/command/commands.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { decideRegisterUser } from './user.js';
import { userAggregate } from './user.projection.js';
import type { Profile, UserRepository } from './user.repository.js';

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
    const { result } = await commands.execute(registrationOf(userId), async (unit) => {
      // Their first two requests came at once, and the other one registered them.
      const other = await unit.tx.userProfile.findUnique({ where: { username } });
      if (other) return other;
      const unborn = await unit.load(userAggregate, userId);
      await unit.save(userAggregate, unborn, decideRegisterUser(userId), null);
      return unit.tx.userProfile.create({ data: profile });
    });
    return result;
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
