import { expect, test } from 'vitest';
import { decideBindRole, decideRevokeRole, evolveRoleBinding } from './roleBinding.js';

const now = new Date('2026-11-21T10:00:00Z');
const binding = { id: 'role-binding_1', subject: { userId: 'user_1' }, role: 'Researcher', projectId: null };
const withCode = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

test('a role is bound until the instant that was asked for, and never to one that has passed', () => {
  const expiresAt = new Date(now.getTime() + 1);
  expect(decideBindRole({ ...binding, expiresAt }, now)).toEqual([
    { type: 'RoleBound', data: { ...binding, expiresAt: '2026-11-21T10:00:00.001Z' } },
  ]);
  expect(() => decideBindRole({ ...binding, expiresAt: now }, now)).toThrow(withCode('BAD_USER_INPUT'));
});

test('a role that was revoked cannot be revoked again', () => {
  const [event] = decideBindRole({ ...binding, expiresAt: null }, now);
  if (!event) throw new Error('nothing was decided');
  const occurredAt = now.toISOString();
  const state = evolveRoleBinding(null, { ...event, occurredAt });
  const [revoked] = decideRevokeRole(binding.id, state);
  if (!revoked) throw new Error('nothing was decided');
  const after = evolveRoleBinding(state, { ...revoked, occurredAt });
  expect(after).toEqual({ ...state, revokedAt: occurredAt });
  expect(() => decideRevokeRole(binding.id, after)).toThrow(withCode('ILLEGAL_TRANSITION'));
});
