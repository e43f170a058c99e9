import type { ApprovalAsk } from '../../../contracts/approval.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { resolveActor } from '../actor/actor.resolver.js';
import { saveApproval } from './approval.commands.js';
import { decideFate, type TargetFate } from './approval.decide.js';
import { fateIn, TARGET_EVENTS, type TargetEvent } from './approval.fate.js';
import { approvalAggregate } from './approval.projection.js';
import type { ApprovalRepository } from './approval.repository.js';

export const APPROVAL_PROCESS = 'governance.approvals';

type Asked = Positioned<Extract<TargetEvent, { data: { ask: ApprovalAsk } }>>;

/** Opens a request for whoever asks for an approval, and ends it as the thing ends that it was asked for. */
export function createApprovalProcesses(deps: {
  commands: Commands;
  approvals: ApprovalRepository;
}): ProcessManager[] {
  return Object.entries(TARGET_EVENTS).map(([source, types]) => ({
    name: APPROVAL_PROCESS,
    source,
    types,
    async react(recorded) {
      const event = recorded as Positioned<TargetEvent>;
      if (isAsked(event)) return openRequest(deps.commands, event);
      const fate = fateIn(event);
      if (fate) await endRequest(deps, event, fate);
    },
  }));
}

const isAsked = (event: Positioned<TargetEvent>): event is Asked => 'ask' in event.data;

async function openRequest(commands: Commands, event: Asked): Promise<void> {
  const { ask } = event.data;
  const { projectId } = event;
  if (projectId === null) throw new Error(`${event.type} without a project`);
  const requestedBy = event.onBehalfOf === null ? event.actor : resolveActor({ id: event.onBehalfOf });
  const { id, kind } = requestedBy;
  const request = reactionTo(event, { manager: APPROVAL_PROCESS, command: 'requestApproval' });
  await commands.execute(request, async (unit) => {
    const approval = await unit.load(approvalAggregate, ask.approvalId);
    if (approval.state !== null) return { id: ask.approvalId };
    const steps = APPROVAL_POLICY.steps.map(({ name, quorum }) => ({ name, quorum }));
    const data = { projectId, ask, requestedBy: { id, kind }, steps };
    await saveApproval(unit, approval, [{ type: 'ApprovalRequested', data }], projectId);
    return { id: ask.approvalId };
  });
}

async function endRequest(
  { commands, approvals }: { commands: Commands; approvals: ApprovalRepository },
  event: Positioned<TargetEvent>,
  fate: TargetFate,
): Promise<void> {
  const [asked] = await approvals.findByTargets([event.streamId]);
  if (!asked) return;
  const request = reactionTo(event, { manager: APPROVAL_PROCESS, command: 'endApproval' });
  await commands.execute(request, async (unit) => {
    const { state, ...approval } = await unit.load(approvalAggregate, asked.id);
    if (state === null) return { id: asked.id };
    const known = { ...approval, state };
    await saveApproval(unit, known, decideFate(known, fate));
    return { id: asked.id };
  });
}
