import { ulid } from 'ulid';
import type { RoleSubject } from '../../../contracts/governance.events.js';
import type { Permission } from '../../../contracts/permissions.js';
import { badUserInput, forbidden, notFound } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { visibleProject } from '../project/visibleProject.js';
import { missingRight } from '../role/rights.js';
import { findRole, type Role } from '../role/roles.js';
import { visibleUser } from '../user/visibleUser.js';
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
import { visibleRoleBinding } from './visibleRoleBinding.js';

const RIGHT: Permission = 'role:bind';

export async function bindRole(input: BindRoleInput, context: Context): Promise<BindRolePayload> {
  const { projectId = null, expiresAt = null } = input;
  const subject = decodeSubject(input.subject);
  const role = decodeRole(input.role);
  if (projectId !== null && !(await visibleProject(projectId, context))) throw notFound('Project', projectId);
  await checkSubjectExists(subject, context);
  checkMayGive(role, projectId, context.principal);

  const id = `role-binding_${ulid()}`;
  const answer = await context.commands.execute(commandRequest(context, 'bindRole', input), async (unit) => {
    const events = decideBindRole({ id, subject, role: role.name, projectId, expiresAt }, unit.now);
    return unit.save(roleBindingAggregate, await unit.load(roleBindingAggregate, id), events, projectId);
  });
  noteWritten(context, answer);
  context.accessEvents.announce();
  const { eventId, version, result } = answer;
  return { eventId, version, roleBinding: toRoleBinding(result) };
}

export async function revokeRole(input: RevokeRoleInput, context: Context): Promise<RevokeRolePayload> {
  const { id, expectedVersion = null } = input;
  const visible = await visibleRoleBinding(id, context);
  if (!visible) throw notFound('RoleBinding', id);
  const role = findRole(visible.role);
  if (!role) throw new Error(`${id} binds the unknown role ${visible.role}`);
  checkMayGive(role, visible.projectId, context.principal);

  const answer = await context.commands.execute(
    commandRequest(context, 'revokeRole', input),
    async (unit) => {
      const { state, ...binding } = await unit.load(roleBindingAggregate, id, expectedVersion);
      if (!state) throw notFound('RoleBinding', id);
      const events = decideRevokeRole(id, state);
      return unit.save(roleBindingAggregate, { ...binding, state }, events, state.projectId);
    },
  );
  noteWritten(context, answer);
  context.accessEvents.announce();
  const { eventId, version, result } = answer;
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
async function checkSubjectExists(subject: RoleSubject, context: Context): Promise<void> {
  if ('teamId' in subject) throw notFound('Team', subject.teamId);
  if ('apiKeyId' in subject) throw notFound('ApiKey', subject.apiKeyId);
  if (!(await visibleUser(subject.userId, context))) throw notFound('User', subject.userId);
}

/** Nobody gives away, or takes back, a right that they do not hold there themselves. */
function checkMayGive(role: Role, projectId: string | null, principal: Principal): void {
  if (!may(principal, RIGHT, projectId)) throw forbidden(RIGHT);
  const missing = missingRight(role, (right) => may(principal, right, projectId));
  if (missing) throw forbidden(missing);
}
