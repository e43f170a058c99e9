import type { RoleBindingEvent, RoleSubject } from '../../../contracts/governance.events.js';
import { badUserInput, illegalTransition } from '../../../platform/errors.js';

export type RoleBindingState = {
  subject: RoleSubject;
  role: string;
  /** Null: in the whole organisation. */
  projectId: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
};

export const subjectId = (subject: RoleSubject): string => {
  if ('userId' in subject) return subject.userId;
  return 'teamId' in subject ? subject.teamId : subject.apiKeyId;
};

export function decideBindRole(
  command: {
    id: string;
    subject: RoleSubject;
    role: string;
    projectId: string | null;
    expiresAt: Date | null;
  },
  now: Date,
): RoleBindingEvent[] {
  const { expiresAt, ...rest } = command;
  if (expiresAt && expiresAt <= now)
    throw badUserInput([{ path: ['input', 'expiresAt'], message: 'must be in the future' }]);
  return [{ type: 'RoleBound', data: { ...rest, expiresAt: expiresAt?.toISOString() ?? null } }];
}

export function decideRevokeRole(id: string, binding: RoleBindingState): RoleBindingEvent[] {
  if (binding.revokedAt) throw illegalTransition({ id, state: 'REVOKED' }, []);
  return [{ type: 'RoleRevoked', data: { id } }];
}

export function evolveRoleBinding(
  state: RoleBindingState | null,
  event: RoleBindingEvent & { occurredAt: string },
): RoleBindingState {
  switch (event.type) {
    case 'RoleBound': {
      const { subject, role, projectId, expiresAt } = event.data;
      return { subject, role, projectId, expiresAt, revokedAt: null };
    }
    case 'RoleRevoked':
      if (!state) throw new Error(`${event.data.id} was revoked before it was bound`);
      return { ...state, revokedAt: event.occurredAt };
  }
}
