import { ulid } from 'ulid';
import type { RoleSubject } from '../../../contracts/governance.events.js';
import type { Permission } from '../../../contracts/permissions.js';
import type { Unit } from '../../../platform/command/unit.js';
import { badUserInput, conflict, forbidden, notFound } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { requireProject } from '../project/requireProject.js';
import { missingRight } from '../role/rights.js';
import { findRole, type Role } from '../role/roles.js';
import { userAggregate } from '../user/user.projection.js';
import { maySeeUser } from '../user/visibleUser.js';
import { keepAdministrator } from './lastAdministrator.repository.js';
import { decideBindRole, decideRevokeRole } from './roleBinding.js';
import type {
  BindRoleInput,
  BindRolePayload,
  RevokeRoleInput,
  RevokeRolePayload,
  RoleSubjectInput,
} from './roleBinding.inputs.js';
import { roleBindingAggregate } from './roleBinding.projection.js';
import { toRoleBinding } from './roleBinding.type.js';
import { maySeeRoleBinding } from './visibleRoleBinding.js';

const RIGHT: Permission = 'role:bind';

export async function bindRole(input: BindRoleInput, context: Context): Promise<BindRolePayload> {
  const { projectId = null, expiresAt = null } = input;
  const { principal, accessEvents } = context;
  const subject = decodeSubject(input.subject);
  const role = decodeRole(input.role);
  const id = `role-binding_${ulid()}`;

  const request = commandRequest(context, 'bindRole', input);
  const answer = await context.commands.execute(request, async (unit) => {
    const events = decideBindRole({ id, subject, role: role.name, projectId, expiresAt }, unit.now);
    if (projectId !== null) await requireProject(unit, projectId, principal);
    await requireSubject(unit, subject, principal);
    checkMayGive(role, projectId, principal);
    return unit.save(roleBindingAggregate, await unit.load(roleBindingAggregate, id), events, projectId);
  });
  const { eventId, version, result } = noteWritten(context, answer);
  accessEvents.announce();
  return { eventId, version, roleBinding: toRoleBinding(result) };
}

export async function revokeRole(input: RevokeRoleInput, context: Context): Promise<RevokeRolePayload> {
  const { id, expectedVersion = null } = input;
  const { principal, accessEvents } = context;

  const request = commandRequest(context, 'revokeRole', input);
  const answer = await context.commands.execute(request, async (unit) => {
    const binding = await unit.load(roleBindingAggregate, id);
    const { state } = binding;
    if (!state || !maySeeRoleBinding(state, principal)) throw notFound('RoleBinding', id);
    checkMayGive(decodeRole(state.role), state.projectId, principal);
    if (expectedVersion !== null && expectedVersion !== binding.version)
      throw conflict(id, expectedVersion, binding.version);
    const events = decideRevokeRole(id, state);
    await keepAdministrator(unit.tx, id, state);
    return unit.save(roleBindingAggregate, binding, events, state.projectId);
  });
  const { eventId, version, result } = noteWritten(context, answer);
  accessEvents.announce();
  return { eventId, version, roleBinding: toRoleBinding(result) };
}

function decodeSubject({ userId, teamId, apiKeyId }: RoleSubjectInput): RoleSubject {
  const given: RoleSubject[] = [
    ...(userId != null ? [{ userId }] : []),
    ...(teamId != null ? [{ teamId }] : []),
    ...(apiKeyId != null ? [{ apiKeyId }] : []),
  ];
  const [subject] = given;
  if (!subject || given.length > 1)
    throw badUserInput([
      { path: ['input', 'subject'], message: 'must have exactly one of userId, teamId, apiKeyId' },
    ]);
  return subject;
}

function decodeRole(name: string): Role {
  const role = findRole(name);
  if (!role) throw badUserInput([{ path: ['input', 'role'], message: 'is no role; `roles` lists them' }]);
  return role;
}

/** There are no teams and no API keys yet: none exists. */
async function requireSubject(unit: Unit, subject: RoleSubject, principal: Principal): Promise<void> {
  if ('teamId' in subject) throw notFound('Team', subject.teamId);
  if ('apiKeyId' in subject) throw notFound('ApiKey', subject.apiKeyId);
  const { userId } = subject;
  const user = maySeeUser(userId, principal) ? await unit.load(userAggregate, userId) : null;
  if (!user?.state) throw notFound('User', userId);
}

/** Nobody gives away, or takes back, a right that they do not hold there themselves. */
function checkMayGive(role: Role, projectId: string | null, principal: Principal): void {
  if (!may(principal, RIGHT, projectId)) throw forbidden(RIGHT);
  const missing = missingRight(role, (right) => may(principal, right, projectId));
  if (missing) throw forbidden(missing);
}
