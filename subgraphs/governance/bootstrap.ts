import { ulid } from 'ulid';
import type { CommandRequest, Commands } from '../../platform/command/commands.js';
import { systemPrincipal } from '../../platform/identity/principal.js';
import { decideCreateOrganisation } from './organisation/organisation.js';
import { organisationAggregate } from './organisation/organisation.projection.js';
import { findRole } from './role/roles.js';
import { decideBindRole } from './roleBinding/roleBinding.js';
import { roleBindingAggregate } from './roleBinding/roleBinding.projection.js';
import type { createRegistration } from './user/user.registration.js';

/** What a new installation starts with. A role without a project holds in the whole organisation. */
export type BootstrapPlan = {
  organisation: string;
  users: readonly {
    username: string;
    displayName: string;
    email: string | null;
    roles: readonly { role: string; projectId?: string | undefined }[];
  }[];
};

/** Ids of the people by their usernames. */
export type Bootstrapped = { organisationId: string; userIds: Readonly<Record<string, string>> };

/**
 * Creates the organisation, its first people and their roles, as the system, since nobody could be allowed to yet. Doing
 * it again changes nothing; in particular it does not give back a role that was revoked since.
 */
export function createBootstrap(commands: Commands, recognise: ReturnType<typeof createRegistration>) {
  return async function bootstrap({ organisation, users }: BootstrapPlan): Promise<Bootstrapped> {
    const { result: organisationId } = await commands.execute(
      request('createOrganisation', 'organisation', null),
      async (unit) => {
        const id = `organisation_${ulid()}`;
        const unborn = await unit.load(organisationAggregate, id);
        await unit.save(organisationAggregate, unborn, decideCreateOrganisation(id, organisation), null);
        return id;
      },
    );
    const userIds: Record<string, string> = {};
    for (const { username, displayName: name, email, roles } of users) {
      const { userId } = await recognise({ username, name, email });
      userIds[username] = userId;
      for (const { role, projectId = null } of roles) await bind({ userId, role, projectId });
    }
    return { organisationId, userIds };
  };

  async function bind(binding: { userId: string; role: string; projectId: string | null }): Promise<void> {
    const { userId, role, projectId } = binding;
    if (!findRole(role)) throw new Error(`There is no role ${role}`);
    const key = `${userId}:${role}:${projectId ?? ''}`;
    await commands.execute(request('bindRole', key, binding), async (unit) => {
      const id = `role-binding_${ulid()}`;
      const command = { id, subject: { userId }, role, projectId, expiresAt: null };
      const unborn = await unit.load(roleBindingAggregate, id);
      await unit.save(roleBindingAggregate, unborn, decideBindRole(command, unit.now), projectId);
      return id;
    });
  }
}

const request = (name: string, key: string, input: unknown): CommandRequest => ({
  name,
  principal: systemPrincipal('bootstrap'),
  requestId: 'bootstrap',
  correlationId: 'bootstrap',
  idempotencyKey: key,
  input,
});
