import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import { until } from '../../../test/testkit/until.js';
import {
  bound,
  callAs,
  type Caller,
  createProject,
  dataOf,
  happen,
  principalOf,
  refusalOf,
  type Started,
  startGovernance,
} from '../governance.fixture.js';
import { EXPIRY_TIMER } from './approval.expiry.js';
import { approvalAsked } from './approval.fixture.js';

const FIELDS = `id version status planHash reason expiresAt message
  requestedBy { id displayName } createdBy { id } project { key } target { type id name }
  policyVersion rules { rule reason } estimate { perHour { amount currency } total { amount } priceBookVersion }
  quota { gpuModel { id } nominal used requested }
  steps { name quorum agreed decisions { decision comment by { displayName } } }
  availableActions { action allowed reason resultingState }`;
const DECIDE = `mutation ($input: DecideApprovalInput!) { decideApproval(input: $input) { eventId version approval { ${FIELDS} } } }`;
const WITHDRAW = `mutation ($input: WithdrawApprovalInput!) { withdrawApproval(input: $input) { version approval { status } } }`;
const READ = `query ($id: ID!, $asOf: DateTime) { approval(id: $id, asOf: $asOf) { ${FIELDS} } }`;
const LIST = `query ($filter: ApprovalFilter, $first: Int!, $after: String) {
  approvals(filter: $filter, first: $first, after: $after) {
    edges { node { id status } } totalCount pageInfo { hasNextPage endCursor }
  }
}`;

type Shown = { id: string; version: number; status: string; [field: string]: unknown };

/** Rita researches in vision, Paula administers it, Otto operates the fleet, Mona approves models everywhere. */
async function startVision() {
  const started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const idOf = async (name: string) => (await principalOf(started.governance, name)).id;
  await bound(admin, { userId: await idOf('rita'), role: 'Researcher', projectId });
  await bound(admin, { userId: await idOf('paula'), role: 'ProjectAdmin', projectId });
  await bound(admin, { userId: await idOf('otto'), role: 'Operator' });
  await bound(admin, { userId: await idOf('mona'), role: 'ModelApprover' });
  return Object.assign(started, {
    projectId,
    admin,
    rita: callAs(started, 'rita'),
    paula: callAs(started, 'paula'),
    otto: callAs(started, 'otto'),
    mona: callAs(started, 'mona'),
    stranger: callAs(started, 'sam'),
    [Symbol.asyncDispose]: () => started.harness[Symbol.asyncDispose](),
  });
}
type Vision = Awaited<ReturnType<typeof startVision>>;

/** Resources ask for an approval because of what Rita wants. */
async function asked(vision: Vision, more: Partial<ApprovalAsk> = {}): Promise<ApprovalAsk> {
  const ask = approvalAsked(more);
  const by = await principalOf(vision.governance, 'rita');
  const type = `${ask.target.type}ApprovalAsked`;
  const context = { Instance: 'resources', Job: 'scheduling', Deployment: 'models' }[ask.target.type];
  const data = { ask, deadline: ask.expiresAt };
  await happen(vision, { context, streamId: ask.target.id, type, data, projectId: vision.projectId, by });
  return ask;
}

/** Something else happens to what the approval is for. */
const toTarget = (vision: Vision, { target }: ApprovalAsk, type: string, data: object = {}) =>
  happen(vision, { context: 'resources', streamId: target.id, type, data, projectId: vision.projectId });

const read = async (caller: Caller, id: string): Promise<Shown | null> =>
  dataOf<{ approval: Shown | null }>(await caller(READ, { id })).approval;

const decide = (caller: Caller, id: string, decision = 'APPROVE', more: object = {}) =>
  caller(DECIDE, { input: { id, decision, idempotencyKey: randomUUID(), ...more } });

const eventsOf = async ({ governance }: Started, id: string) =>
  (await governance.spine.store.readStream(id)).map(({ type }) => type);

const reaches = (caller: Caller, id: string, status: string) =>
  until(`it is ${status}`, async () => (await read(caller, id))?.status === status);

test('a question becomes a request with its evidence, which is there as soon as its asker looks', async () => {
  await using vision = await startVision();
  const ask = await asked(vision);
  const shown = await read(vision.rita, ask.approvalId);
  expect(shown).toMatchObject({
    id: ask.approvalId,
    version: 1,
    status: 'PENDING',
    planHash: ask.planHash,
    reason: 'The paper is due.',
    requestedBy: { id: vision.userIds['rita'], displayName: 'Rita Vision' },
    createdBy: { id: vision.userIds['rita'] },
    project: { key: 'vision' },
    target: { type: 'Instance', id: ask.target.id, name: 'train-large' },
    policyVersion: 'shipped-1',
    rules: ask.rules,
    estimate: { perHour: { amount: '23.92', currency: 'USD' }, total: null, priceBookVersion: 'book-1' },
    quota: [{ gpuModel: { id: 'h100-sxm5-80gb' }, nominal: 16, used: 0, requested: 8 }],
    steps: [{ name: 'Somebody else who may approve', quorum: 1, agreed: false, decisions: [] }],
    availableActions: [
      { action: 'decideApproval', allowed: false, reason: 'You do not have the right to decide it.' },
      { action: 'withdrawApproval', allowed: true, reason: null, resultingState: 'WITHDRAWN' },
    ],
  });
});

test('somebody else who may approve decides it, and everybody concerned sees who and why', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  const answer = dataOf<{ decideApproval: { eventId: string; approval: Shown } }>(
    await decide(vision.paula, approvalId, 'APPROVE', { comment: 'Go ahead.', expectedVersion: 1 }),
  ).decideApproval;
  expect(answer).toMatchObject({ eventId: expect.any(String), approval: { status: 'APPROVED', version: 3 } });
  expect(await read(vision.rita, approvalId)).toMatchObject({
    status: 'APPROVED',
    steps: [
      {
        agreed: true,
        decisions: [{ decision: 'APPROVE', comment: 'Go ahead.', by: { displayName: 'paula' } }],
      },
    ],
  });
  expect(await eventsOf(vision, approvalId)).toEqual([
    'ApprovalRequested',
    'ApprovalDecided',
    'ApprovalApproved',
  ]);
  const trail = dataOf<{ approval: { auditTrail: { edges: { node: { type: string } }[] } } }>(
    await vision.rita(
      `query ($id: ID!) { approval(id: $id) { auditTrail(first: 5) { edges { node { type } } } } }`,
      { id: approvalId },
    ),
  ).approval.auditTrail.edges.map(({ node }) => node.type);
  expect(trail).toEqual(['ApprovalApproved', 'ApprovalDecided', 'ApprovalRequested']);
});

test('nobody decides their own request, whatever their rights', async () => {
  await using vision = await startVision();
  await bound(vision.admin, {
    userId: vision.userIds['rita'],
    role: 'ProjectAdmin',
    projectId: vision.projectId,
  });
  const { approvalId } = await asked(vision);
  for (const decision of ['APPROVE', 'REJECT'])
    expect(refusalOf(await decide(vision.rita, approvalId, decision))).toMatchObject({
      code: 'FORBIDDEN',
      details: { id: approvalId },
    });
  expect(await eventsOf(vision, approvalId)).toEqual(['ApprovalRequested']);
});

test('only those with the right decide; for others it is forbidden, or does not exist', async () => {
  await using vision = await startVision();
  const instance = await asked(vision);
  expect(refusalOf(await decide(vision.mona, instance.approvalId))?.code).toBe('NOT_FOUND');
  expect(refusalOf(await decide(vision.stranger, instance.approvalId))?.code).toBe('NOT_FOUND');
  expect(refusalOf(await decide(callAs(vision, 'auditor'), instance.approvalId))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'approval:decide' },
  });
  const target = { type: 'Deployment', id: 'deployment_1', name: 'chat' } as const;
  const deployment = await asked(vision, { action: 'CREATE_DEPLOYMENT', target });
  await reaches(vision.mona, deployment.approvalId, 'PENDING');
  dataOf(await decide(vision.mona, deployment.approvalId));
  dataOf(await decide(vision.otto, instance.approvalId));
});

test('who decides without seeing into the project learns what it costs and not what it is called', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  await reaches(vision.otto, approvalId, 'PENDING');
  expect(await read(vision.otto, approvalId)).toMatchObject({
    target: { name: null },
    estimate: { perHour: { amount: '23.92' } },
  });
});

test('a request is decided once: a second decision is refused and stores nothing', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  await reaches(vision.paula, approvalId, 'PENDING');
  const idempotencyKey = randomUUID();
  const first = dataOf(await decide(vision.paula, approvalId, 'REJECT', { idempotencyKey }));
  expect(dataOf(await decide(vision.paula, approvalId, 'REJECT', { idempotencyKey }))).toEqual(first);
  for (const caller of [vision.paula, vision.admin])
    expect(refusalOf(await decide(caller, approvalId))).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      details: { id: approvalId, state: 'REJECTED', allowed: [] },
    });
  expect(refusalOf(await decide(vision.paula, approvalId, 'APPROVE', { expectedVersion: 1 }))?.code).toBe(
    'CONFLICT',
  );
  expect(await eventsOf(vision, approvalId)).toHaveLength(3);
});

test('twenty decisions at once leave one', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  await reaches(vision.paula, approvalId, 'PENDING');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      decide(index % 2 ? vision.paula : vision.admin, approvalId, index % 3 ? 'APPROVE' : 'REJECT'),
    ),
  );
  expect(answers.filter((answer) => refusalOf(answer) === undefined)).toHaveLength(1);
  expect(await eventsOf(vision, approvalId)).toHaveLength(3);
});

test('who asked may take it back, and nobody else', async () => {
  await using vision = await startVision();
  const { approvalId: id } = await asked(vision);
  const withdraw = (caller: Caller) => caller(WITHDRAW, { input: { id, idempotencyKey: randomUUID() } });
  await reaches(vision.paula, id, 'PENDING');
  expect(refusalOf(await withdraw(vision.paula))?.code).toBe('FORBIDDEN');
  expect(dataOf(await withdraw(vision.rita))).toEqual({
    withdrawApproval: { version: 2, approval: { status: 'WITHDRAWN' } },
  });
  expect(refusalOf(await withdraw(vision.rita))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { state: 'WITHDRAWN', allowed: [] },
  });
});

/** Moves the time of a request into the past, as if it had been asked for long ago. */
async function passTime({ database }: Vision, id: string): Promise<void> {
  const long = new Date(Date.now() - 3_600_000);
  await database.prisma.$transaction(async (tx) => {
    // Only an administrator of the database can: the runtime role may not change events.
    await tx.$executeRaw`SET LOCAL ROLE NONE`;
    await tx.$executeRaw`
      UPDATE eventlog.event SET data = jsonb_set(data, '{ask,expiresAt}', to_jsonb(${long.toISOString()}::text))
      WHERE context = 'governance' AND stream_id = ${id} AND version = 1`;
  });
}

test('what nobody decides in time expires by itself, and is too late to decide even before that', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  await reaches(vision.paula, approvalId, 'PENDING');
  await passTime(vision, approvalId);
  expect(refusalOf(await decide(vision.paula, approvalId))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { id: approvalId, state: 'EXPIRED', allowed: [] },
  });
  await vision.database.prisma.timer.updateMany({
    where: { name: EXPIRY_TIMER, key: approvalId },
    data: { dueAt: new Date(0) },
  });
  await reaches(vision.paula, approvalId, 'EXPIRED');
  expect(refusalOf(await decide(vision.paula, approvalId))?.code).toBe('ILLEGAL_TRANSITION');
  expect(await eventsOf(vision, approvalId)).toEqual(['ApprovalRequested', 'ApprovalExpired']);
  await until('no timer is left', async () => (await vision.database.prisma.timer.count()) === 0);
});

test('a decided request has no timer any more', async () => {
  await using vision = await startVision();
  const { approvalId } = await asked(vision);
  await reaches(vision.paula, approvalId, 'PENDING');
  expect(await vision.database.prisma.timer.count()).toBe(1);
  await decide(vision.paula, approvalId);
  expect(await vision.database.prisma.timer.count()).toBe(0);
});

test('an approval ends as its target does: executed once, superseded, withdrawn, or not carried out', async () => {
  await using vision = await startVision();
  const failed = (endReason: string, message: string) => ({ endReason, message, retryable: true });
  const [used, changed, lost, given] = [
    await asked(vision),
    await asked(vision),
    await asked(vision),
    await asked(vision),
  ];
  await reaches(vision.paula, given.approvalId, 'PENDING');
  for (const { approvalId } of [used, changed, lost]) await decide(vision.paula, approvalId);
  await toTarget(vision, used, 'InstanceAdmitted');
  await toTarget(vision, used, 'InstanceAdmitted');
  await toTarget(vision, used, 'InstanceTerminationRequested');
  await toTarget(vision, changed, 'InstanceFailed', failed('APPROVAL_SUPERSEDED', 'Changed.'));
  await toTarget(vision, lost, 'InstanceFailed', failed('CAPACITY_GONE', 'No node has 8 free.'));
  await toTarget(vision, given, 'InstanceTerminationRequested');
  await reaches(vision.paula, given.approvalId, 'WITHDRAWN');
  expect((await read(vision.paula, used.approvalId))?.status).toBe('EXECUTED');
  expect((await read(vision.paula, changed.approvalId))?.status).toBe('SUPERSEDED');
  expect(await read(vision.paula, lost.approvalId)).toMatchObject({
    status: 'EXECUTION_FAILED',
    message: 'No node has 8 free.',
  });
  expect(await eventsOf(vision, used.approvalId)).toEqual([
    'ApprovalRequested',
    'ApprovalDecided',
    'ApprovalApproved',
    'ApprovalExecuted',
  ]);
});

test('lists show newest first what one may see, by status, project and target', async () => {
  await using vision = await startVision();
  const first = await asked(vision);
  const second = await asked(vision);
  await reaches(vision.paula, second.approvalId, 'PENDING');
  await decide(vision.paula, first.approvalId, 'REJECT');
  type List = {
    approvals: {
      edges: { node: Shown }[];
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
  const list = async (caller: Caller, variables: object = {}) =>
    dataOf<List>(await caller(LIST, { first: 10, ...variables })).approvals;
  const ids = async (caller: Caller, filter: object | null = null) =>
    (await list(caller, { filter })).edges.map(({ node }) => node.id);
  expect(await ids(vision.rita)).toEqual([second.approvalId, first.approvalId]);
  expect(await ids(vision.otto, { status: 'PENDING' })).toEqual([second.approvalId]);
  expect(await ids(vision.paula, { projectId: vision.projectId, targetId: first.target.id })).toEqual([
    first.approvalId,
  ]);
  expect(await ids(vision.paula, { projectId: 'project_other' })).toEqual([]);
  for (const caller of [vision.stranger, vision.mona])
    expect(await list(caller)).toMatchObject({ edges: [], totalCount: 0 });
  const page = await list(vision.paula, { first: 1 });
  expect(page).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
  const next = await list(vision.paula, { first: 1, after: page.pageInfo.endCursor });
  expect(next.edges.map(({ node }) => node.id)).toEqual([first.approvalId]);
});

test('a request is hidden through every door from who may not see it', async () => {
  await using vision = await startVision();
  const { approvalId: id, target } = await asked(vision);
  await reaches(vision.rita, id, 'PENDING');
  const representations = [
    { __typename: 'ApprovalRequest', id },
    { __typename: 'Instance', id: target.id },
  ];
  const document = `query ($id: ID!, $representations: [_Any!]!) { approval(id: $id) { id }
    _entities(representations: $representations) {
      ... on ApprovalRequest { id } ... on Instance { approval { id } }
    } }`;
  const seen = async (caller: Caller) => dataOf(await caller(document, { id, representations }));
  expect(await seen(vision.rita)).toEqual({ approval: { id }, _entities: [{ id }, { approval: { id } }] });
  expect(await seen(vision.stranger)).toEqual({ approval: null, _entities: [null, { approval: null }] });
});

test('what many things wait for costs one query', async () => {
  await using vision = await startVision();
  const asks = [await asked(vision), await asked(vision), await asked(vision)];
  await reaches(vision.rita, asks[2]?.approvalId ?? '', 'PENDING');
  const document = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Instance { approval { status } } } }`;
  const statements = async (count: number) => {
    const representations = asks
      .slice(0, count)
      .map(({ target }) => ({ __typename: 'Instance', id: target.id }));
    const principal = await principalOf(vision.governance, 'rita');
    const counted = await vision.harness.count(() =>
      vision.harness.as(principal)(document, { representations }),
    );
    return counted.statements;
  };
  expect(await statements(3)).toBe(await statements(1));
});

test('a request is shown as it was', async () => {
  await using vision = await startVision();
  const { approvalId: id } = await asked(vision);
  await reaches(vision.paula, id, 'PENDING');
  const asOf = new Date().toISOString();
  await until('time has passed', () => new Date().toISOString() > asOf);
  await decide(vision.paula, id);
  const then = dataOf<{ approval: Shown }>(await vision.paula(READ, { id, asOf })).approval;
  expect(then).toMatchObject({ status: 'PENDING', version: 1 });
});

test('a dry run says what would be, and decides nothing', async () => {
  await using vision = await startVision();
  const { approvalId: id } = await asked(vision);
  await reaches(vision.paula, id, 'PENDING');
  expect(dataOf(await decide(vision.paula, id, 'APPROVE', { dryRun: true }))).toMatchObject({
    decideApproval: { eventId: null, version: null, approval: { status: 'APPROVED' } },
  });
  expect((await read(vision.paula, id))?.status).toBe('PENDING');
});

test('everybody can read the policy', async () => {
  await using started = await startGovernance();
  const policy = dataOf(
    await callAs(
      started,
      'rita',
    )(`{ approvalPolicy { version timeToLive
      rules { id gpusAbove perHourAbove { amount currency } }
      steps { quorum deciders { action rights } } } }`),
  );
  expect(policy).toEqual({
    approvalPolicy: {
      version: 'shipped-1',
      timeToLive: 'PT604800S',
      rules: [
        { id: 'gpus-above-4', gpusAbove: 4, perHourAbove: null },
        {
          id: 'cost-above-40-usd-per-hour',
          gpusAbove: null,
          perHourAbove: { amount: '40', currency: 'USD' },
        },
      ],
      steps: [
        {
          quorum: 1,
          deciders: [
            { action: 'REQUEST_INSTANCE', rights: ['approval:decide'] },
            { action: 'SUBMIT_JOB', rights: ['approval:decide'] },
            { action: 'CREATE_DEPLOYMENT', rights: ['approval:decide', 'approval:decideModels'] },
          ],
        },
      ],
    },
  });
});
