import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'vitest';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import { rebuildProjection } from '../../platform/projection/projection.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import { randomsOf } from '../../test/testkit/randoms.js';
import { expectLiveEqualsRebuilt } from '../../test/testkit/liveEqualsRebuilt.js';
import { until } from '../../test/testkit/until.js';
import { approvalAsked } from './approval/approval.fixture.js';
import { APPROVAL_PROCESS } from './approval/approval.process.js';
import { auditProjections } from './audit/audit.projection.js';
import {
  bindRole,
  callAs,
  type Caller,
  happen,
  principalOf,
  type Started,
  startGovernance,
  trailIsWhole,
} from './governance.fixture.js';
import { aggregates, clearReadModels } from './readModels.js';
import { ROLES } from './role/roles.js';

const COMMANDS = 200;
async function rebuild({ database }: Started): Promise<void> {
  const store = createEventStore(database.prisma, 'governance');
  await rebuildReadModels({ database, store, aggregates, clear: clearReadModels });
  for (const projection of auditProjections) {
    const history = createEventStore(database.prisma, projection.source);
    await rebuildProjection({ database, projection, history });
  }
}

const KINDS = [
  'project',
  'role',
  'revocation',
  'quota',
  'user',
  'elsewhere',
  'question',
  'decision',
  'use',
] as const;

type Step = {
  kind: (typeof KINDS)[number];
  pick: number;
  number: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  pick: fc.nat(999),
  number: fc.nat(200_000),
});

const one = <Thing>(things: readonly Thing[], pick: number): Thing | undefined =>
  things[pick % things.length];

/** Takes the step, which may well be refused: a refusal must leave no trace either. */
async function take(started: Started, admin: Caller, { kind, pick, number }: Step): Promise<void> {
  const { prisma } = started.database;
  const idempotencyKey = randomUUID();
  const projectId = one(await prisma.project.findMany({ orderBy: { id: 'asc' } }), pick)?.id;
  const send = (name: string, type: string, input: object) =>
    admin(`mutation ($input: ${type}!) { ${name}(input: $input) { eventId } }`, {
      input: { idempotencyKey, ...input },
    });
  switch (kind) {
    case 'project':
      await send('createProject', 'CreateProjectInput', {
        key: `p${pick % 60}`,
        name: 'P',
        parentId: projectId,
      });
      return;
    case 'quota':
      await send('setQuota', 'SetQuotaInput', { projectId, gpuModelId: 'h100-sxm5-80gb', nominal: number });
      return;
    case 'role': {
      const userId = one(await prisma.user.findMany({ orderBy: { id: 'asc' } }), number)?.id;
      const role = one(ROLES, pick)?.name ?? '';
      await bindRole(admin, { userId, role, ...(projectId && { projectId }) });
      return;
    }
    case 'revocation': {
      const bindings = await prisma.roleBinding.findMany({
        where: { projectId: { not: null } },
        orderBy: { id: 'asc' },
      });
      await send('revokeRole', 'RevokeRoleInput', { id: one(bindings, pick)?.id ?? 'role-binding_none' });
      return;
    }
    case 'user':
      await principalOf(started.governance, `user-${pick % 20}`);
      return;
    case 'question': {
      const ask = approvalAsked();
      const data = { ask, deadline: ask.expiresAt };
      const asked = { streamId: ask.target.id, type: 'InstanceApprovalAsked', data };
      await happen(started, { context: 'resources', ...asked, projectId: projectId ?? null });
      return;
    }
    case 'decision': {
      const approval = one(await prisma.approvalRequest.findMany({ orderBy: { id: 'asc' } }), pick);
      const decision = number % 3 ? 'APPROVE' : 'REJECT';
      await send('decideApproval', 'DecideApprovalInput', { id: approval?.id ?? 'approval_none', decision });
      return;
    }
    case 'use': {
      const approval = one(await prisma.approvalRequest.findMany({ orderBy: { id: 'asc' } }), pick);
      const streamId = approval?.targetId ?? 'instance_none';
      const type = number % 3 ? 'InstanceAdmitted' : 'InstanceTerminationRequested';
      await happen(started, { context: 'resources', streamId, type, projectId: projectId ?? null });
      return;
    }
    case 'elsewhere': {
      const context = one(['resources', 'scheduling', 'billing', 'models'], pick) ?? 'resources';
      const streamId = `instance_${number % 30}`;
      const type = number % 2 ? 'HoldPlaced' : 'InstanceChanged';
      const data = { ownerId: `instance_${pick % 30}`, number };
      await happen(started, { context, streamId, type, data, projectId: projectId ?? null });
    }
  }
}

/** Waits until what resources ask and do has led to everything that it leads to. */
const approvalsAreDone = ({ database: { prisma } }: Started): Promise<void> =>
  until('the approvals are opened and ended', async () => {
    const last = await prisma.event.findFirst({
      where: { context: 'resources' },
      orderBy: { position: 'desc' },
    });
    const read = await prisma.checkpoint.findUnique({
      where: { name_context: { name: APPROVAL_PROCESS, context: 'resources' } },
    });
    return last === null || last.position === read?.position;
  });

test('after random commands all read models are byte-equal to those that are rebuilt from the log', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const { seed } = randomsOf();
  console.log(`seed ${seed}`);
  for (const each of fc.sample(step, { numRuns: COMMANDS, seed })) await take(started, admin, each);
  await approvalsAreDone(started);
  await trailIsWhole(started);
  await started.governance[Symbol.asyncDispose]();
  await expectLiveEqualsRebuilt({
    database: started.database,
    schema: 'governance',
    rebuild: async () => {
      await started.database.prisma.quota.deleteMany();
      await started.database.prisma.approvalRequest.deleteMany();
      await started.database.prisma.auditEvent.deleteMany({ where: { subgraph: 'billing' } });
      await rebuild(started);
    },
  });
});
