import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { CommandRequest } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import { conflict, forbidden, notFound } from '../../../platform/errors.js';
import type { Entity, Existing } from '../../../platform/eventStore/aggregate.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import type { Principal } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { canSee, decidingRights, hasDecidingRight, isOwn } from './approval.access.js';
import { decideDecision, decideWithdrawal } from './approval.decide.js';
import { watchExpiry } from './approval.expiry.js';
import type { ApprovalPayload, DecideApprovalInput, WithdrawApprovalInput } from './approval.inputs.js';
import { approvalAggregate } from './approval.projection.js';
import type { ApprovalState } from './approval.js';
import { toApproval } from './approval.type.js';
import { notYourApproval, ownApproval } from './errors.js';

type Approval = Existing<ApprovalState>;

export function decideApproval(input: DecideApprovalInput, context: Context): Promise<ApprovalPayload> {
  const { decision, comment = null } = input;
  const { id, kind } = context.principal;
  return change(commandRequest(context, 'decideApproval', input), input, context, {
    check: checkMayDecide,
    decide: (approval, now) => decideDecision(approval, { by: { id, kind }, decision, comment }, now),
  });
}

export const withdrawApproval = (input: WithdrawApprovalInput, context: Context): Promise<ApprovalPayload> =>
  change(commandRequest(context, 'withdrawApproval', input), input, context, {
    check: checkMayWithdraw,
    decide: decideWithdrawal,
  });

async function change(
  request: CommandRequest,
  target: { id: string; expectedVersion?: number | null },
  context: Context,
  {
    check,
    decide,
  }: {
    check: (viewer: Principal, approval: Approval) => void;
    decide: (approval: Approval, now: Date) => ApprovalEvent[];
  },
): Promise<ApprovalPayload> {
  const { principal } = context;
  await context.approvalsAreCurrent();
  const answer = await context.commands.execute(request, async (unit) => {
    const approval = visible(await unit.load(approvalAggregate, target.id), principal);
    check(principal, approval);
    const { expectedVersion = null } = target;
    if (expectedVersion !== null && approval.version !== expectedVersion)
      throw conflict(approval.id, expectedVersion, approval.version);
    return saveApproval(unit, approval, decide(approval, unit.now));
  });
  const { eventId, version, result } = noteWritten(context, answer);
  return { eventId, version, approval: toApproval(result) };
}

/** Saves what happened to a request, and sees to the timer of its expiry. */
export async function saveApproval(
  unit: Unit,
  approval: Entity<ApprovalState>,
  events: readonly ApprovalEvent[],
  projectId: string | null = approval.state?.projectId ?? null,
): Promise<Approval> {
  const saved = await unit.save(approvalAggregate, approval, events, projectId);
  await watchExpiry(unit, saved);
  return saved;
}

function visible(approval: Entity<ApprovalState>, viewer: Principal): Approval {
  const { state } = approval;
  if (state === null || !canSee(viewer, state)) throw notFound('ApprovalRequest', approval.id);
  return { ...approval, state };
}

function checkMayDecide(viewer: Principal, { id, state }: Approval): void {
  if (!hasDecidingRight(viewer, state))
    throw forbidden(decidingRights(state.ask.action)[0] ?? 'approval:decide');
  if (isOwn(viewer, state)) throw ownApproval(id);
}

function checkMayWithdraw(viewer: Principal, { id, state }: Approval): void {
  if (!isOwn(viewer, state)) throw notYourApproval(id);
}
