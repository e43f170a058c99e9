import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { Actor } from '../../../platform/identity/principal.js';
import { approvalAsked } from './approval.fixture.js';
import { type ApprovalState, currentStep, evolveApproval } from './approval.js';
import {
  type Decision,
  decideDecision,
  decideExpiry,
  decideFate,
  decideWithdrawal,
  type TargetFate,
} from './approval.decide.js';
import { fateIn, type TargetEvent } from './approval.fate.js';
import { TRANSITIONS } from './approval.transitions.js';

const asked = new Date('2026-11-21T10:00:00Z');
const later = new Date('2026-11-22T10:00:00Z');
const tooLate = new Date('2026-11-28T10:00:00Z');
const ask = approvalAsked({ expiresAt: tooLate.toISOString() });

const user = (name: string): Actor => ({ id: `user_${name}`, kind: 'USER' });
const approves = { by: user('admin'), decision: 'APPROVE', comment: 'Go ahead.' } as const;
const rejects = { by: user('admin'), decision: 'REJECT', comment: null } as const;

const requested = (steps = [{ name: 'Somebody else', quorum: 1 }]): ApprovalEvent => ({
  type: 'ApprovalRequested',
  data: { projectId: 'project_vision', ask, requestedBy: user('rita'), steps },
});

function given(...facts: (ApprovalEvent | [ApprovalEvent, Actor])[]): Existing<ApprovalState> {
  const state = facts.reduce<ApprovalState | null>((before, fact) => {
    const [event, actor] = Array.isArray(fact) ? fact : [fact, user('admin')];
    return evolveApproval(before, { ...event, actor, occurredAt: asked.toISOString() });
  }, null);
  if (!state) throw new Error('Nothing was given');
  return {
    id: ask.approvalId,
    version: facts.length,
    createdAt: '',
    createdBy: user('rita'),
    updatedAt: '',
    state,
  };
}

const typesOf = (events: readonly ApprovalEvent[]) => events.map(({ type }) => type);
const illegal = (state: string, allowed: string[] = []) =>
  expect.objectContaining({
    extensions: expect.objectContaining({
      code: 'ILLEGAL_TRANSITION',
      details: { id: ask.approvalId, state, allowed },
    }),
  });

test('one agreement is enough for the shipped policy, one rejection ends the request', () => {
  const pending = given(requested());
  const [decided, approved] = decideDecision(pending, approves, later);
  expect(decided).toEqual({
    type: 'ApprovalDecided',
    data: { decision: 'APPROVE', comment: 'Go ahead.' },
  });
  expect(approved).toEqual({
    type: 'ApprovalApproved',
    data: {
      approvalId: ask.approvalId,
      target: { type: 'Instance', id: ask.target.id },
      planHash: ask.planHash,
    },
  });
  expect(typesOf(decideDecision(pending, rejects, later))).toEqual(['ApprovalDecided', 'ApprovalRejected']);
});

test('steps come one after another, each with its quorum of different people', () => {
  const steps = [
    { name: 'Two of the team', quorum: 2 },
    { name: 'Finance', quorum: 1 },
  ];
  const decided: ApprovalEvent = { type: 'ApprovalDecided', data: { decision: 'APPROVE', comment: null } };
  const once = given(requested(steps), [decided, user('ann')]);
  expect(() => decideDecision(once, { ...approves, by: user('ann') }, later)).toThrow(illegal('PENDING'));
  expect(typesOf(decideDecision(once, { ...approves, by: user('ben') }, later))).toEqual(['ApprovalDecided']);
  const twice = given(requested(steps), [decided, user('ann')], [decided, user('ben')]);
  expect(currentStep(twice.state)?.name).toBe('Finance');
  expect(typesOf(decideDecision(twice, { ...approves, by: user('flo') }, later))).toEqual([
    'ApprovalDecided',
    'ApprovalApproved',
  ]);
});

test('what is decided, expired or withdrawn is not decided again', () => {
  const data = { approvalId: ask.approvalId, target: ask.target, planHash: ask.planHash };
  for (const [type, status] of [
    ['ApprovalApproved', 'APPROVED'],
    ['ApprovalRejected', 'REJECTED'],
    ['ApprovalExpired', 'EXPIRED'],
    ['ApprovalWithdrawn', 'WITHDRAWN'],
  ] as const) {
    const ended = given(requested(), { type, data });
    expect(() => decideDecision(ended, approves, later)).toThrow(illegal(status));
    expect(() => decideWithdrawal(ended, later)).toThrow(illegal(status));
    expect(decideExpiry(ended, tooLate)).toEqual([]);
  }
});

test('once its time is over nobody may decide, even before the timer has said so', () => {
  const pending = given(requested());
  expect(() => decideDecision(pending, approves, tooLate)).toThrow(illegal('EXPIRED'));
  expect(decideExpiry(pending, new Date(tooLate.getTime() - 1))).toEqual([]);
  expect(typesOf(decideExpiry(pending, tooLate))).toEqual(['ApprovalExpired']);
});

const fate = (event: { type: string; data?: object }) => fateIn(event as TargetEvent)?.kind ?? null;

test('what the target does ends the request: used, changed, given up, or lost', () => {
  const failed = (endReason: string) =>
    fate({ type: 'InstanceFailed', data: { endReason, message: null, retryable: true } });
  expect(fate({ type: 'InstanceAdmitted' })).toBe('USED');
  expect(fate({ type: 'JobQueued', data: { cause: 'APPROVED' } })).toBe('USED');
  expect(fate({ type: 'JobQueued', data: { cause: 'RETRY' } })).toBe(null);
  expect(fate({ type: 'DeploymentAdmissionAsked' })).toBe('USED');
  expect(fate({ type: 'InstanceTerminationRequested' })).toBe('GIVEN_UP');
  expect(failed('APPROVAL_SUPERSEDED')).toBe('PLAN_CHANGED');
  expect(failed('CAPACITY_GONE')).toBe('NOT_CARRIED_OUT');
  expect(failed('APPROVAL_EXPIRED')).toBe('NOT_CARRIED_OUT');
  expect(failed('APPROVAL_REJECTED')).toBe(null);
  expect(failed('PROVISIONING_TIMEOUT')).toBe(null);
});

test('what expires with its approval ends it no second time; what never heard of its approval wastes it', () => {
  const lost = { kind: 'NOT_CARRIED_OUT', reason: 'Nobody decided in time.' } as const;
  const data = { approvalId: ask.approvalId, target: ask.target, planHash: ask.planHash };
  expect(decideFate(given(requested(), { type: 'ApprovalExpired', data }), lost)).toEqual([]);
  const wasted = decideFate(given(requested(), { type: 'ApprovalApproved', data }), lost);
  expect(typesOf(wasted)).toEqual(['ApprovalExecutionFailed']);
});

test('a request that is not approved is never executed, and an executed one never again', () => {
  const fates: fc.Arbitrary<TargetFate> = fc.constantFrom<TargetFate[]>(
    { kind: 'USED' },
    { kind: 'PLAN_CHANGED' },
    { kind: 'GIVEN_UP' },
    { kind: 'NOT_CARRIED_OUT', reason: 'Gone.' },
  );
  const word: fc.Arbitrary<Decision> = fc.record({
    by: fc.constantFrom('ann', 'ben').map(user),
    decision: fc.constantFrom('APPROVE', 'REJECT'),
    comment: fc.constant(null),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(fates, word), { maxLength: 12 }), (happenings) => {
      let approval = given(requested());
      const happened: ApprovalEvent[] = [];
      for (const happening of happenings) {
        const events = 'kind' in happening ? decideFate(approval, happening) : attempt(approval, happening);
        for (const event of events) {
          const fact = { ...event, actor: user('ann'), occurredAt: later.toISOString() };
          approval = { ...approval, state: evolveApproval(approval.state, fact) };
        }
        happened.push(...events);
      }
      const types = typesOf(happened);
      const executions = types.filter((type) => type === 'ApprovalExecuted').length;
      expect(executions).toBeLessThanOrEqual(1);
      if (executions === 1)
        expect(types.indexOf('ApprovalApproved')).toBeLessThan(types.indexOf('ApprovalExecuted'));
      expect(types.includes('ApprovalApproved') && types.includes('ApprovalRejected')).toBe(false);
      expect(Object.keys(TRANSITIONS)).toContain(approval.state.status);
    }),
  );
});

/** What it leads to, if it is allowed at all. */
function attempt(approval: Existing<ApprovalState>, word: Decision): ApprovalEvent[] {
  try {
    return decideDecision(approval, word, later);
  } catch {
    return [];
  }
}
