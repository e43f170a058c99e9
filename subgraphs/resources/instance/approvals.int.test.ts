import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { type Caller, dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  A100,
  comeUp,
  command,
  H100,
  people,
  requestOf,
  type ResourcesHarness,
  setPrices,
  setQuota,
  startResources,
} from '../resources.fixture.js';

const REQUEST = `mutation ($input: RequestInstanceInput!) {
  requestInstance(input: $input) { eventId version approval { id status } instance { id state planHash } }
}`;
const PAGE = `query ($id: ID!) { instance(id: $id) {
  state endReason retryable deadline allocations { to } availableActions { action allowed }
} }`;

type Asked = {
  eventId: string | null;
  approval: { id: string; status: string } | null;
  instance: { id: string; state: string; planHash: string };
};

const large = (more: object = {}) => requestOf({ gpu: { modelIn: [H100], count: 8 }, ...more });

const ask = async (caller: Caller, request: object = large(), more: object = {}): Promise<Asked> => {
  const input = { request, reason: 'A deadline.', idempotencyKey: randomUUID(), ...more };
  return dataOf<{ requestInstance: Asked }>(await caller(REQUEST, { input })).requestInstance;
};

const eventsOf = async ({ app }: ResourcesHarness, id: string) =>
  (await app.spine.store.readStream(id)).map(({ type }) => type);

const askOf = async ({ app }: ResourcesHarness, id: string): Promise<ApprovalAsk> => {
  const events = await app.spine.store.readStream(id);
  const asked = events.find(({ type }) => type === 'InstanceApprovalAsked');
  if (!asked) throw new Error(`${id} asked for no approval`);
  return (asked.data as { ask: ApprovalAsk }).ask;
};

/** Governance says what became of an approval. */
async function decided(
  harness: ResourcesHarness,
  type: `Approval${'Approved' | 'Rejected' | 'Expired' | 'Withdrawn'}`,
  { approval, instance }: Asked,
  planHash = instance.planHash,
): Promise<void> {
  const approvalId = approval?.id ?? '';
  const data = { approvalId, target: { type: 'Instance', id: instance.id }, planHash };
  const by = systemPrincipal('test');
  await harness.append('governance', approvalId, { type, data }, { by, projectId: 'vision' });
}

const stateOf = async (caller: Caller, id: string) =>
  dataOf<{ instance: { state: string; endReason: string | null } }>(await caller(PAGE, { id })).instance;

const reaches = (caller: Caller, id: string, state: string) =>
  until(`it is ${state}`, async () => (await stateOf(caller, id)).state === state);

test('a request over the policy waits, holds nothing, and asks with its evidence', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const asked = await ask(researcher);
  expect(asked).toMatchObject({
    approval: { id: expect.stringMatching(/^approval_/), status: 'PENDING' },
    instance: { state: 'AWAITING_APPROVAL' },
  });
  expect(harness.billing.holds.size).toBe(0);
  expect(await eventsOf(harness, asked.instance.id)).toEqual(['InstanceRequested', 'InstanceApprovalAsked']);
  expect(await askOf(harness, asked.instance.id)).toMatchObject({
    approvalId: asked.approval?.id,
    action: 'REQUEST_INSTANCE',
    target: { type: 'Instance', id: asked.instance.id, name: 'notebook' },
    planHash: asked.instance.planHash,
    reason: 'A deadline.',
    policyVersion: 'shipped-1',
    rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
    estimate: { perHour: '23.92', total: null, currency: 'USD', priceBookVersion: 'example-2026-11' },
    quota: [{ gpuModelId: H100, nominal: 16, used: 0, requested: 8 }],
  });
  const page = dataOf(await researcher(PAGE, { id: asked.instance.id }));
  expect(page).toMatchObject({
    instance: {
      allocations: [],
      availableActions: [
        { action: 'startInstance', allowed: false },
        { action: 'stopInstance', allowed: false },
        { action: 'terminateInstance', allowed: true },
      ],
    },
  });
});

test('a plan over the policy says which approval it needs, and has the blocker for it', async () => {
  await using harness = await startResources();
  const plan = dataOf(
    await harness.as(people.researcher)(
      `query ($input: InstanceRequestInput!) { planInstance(input: $input) {
        feasible approvalsNeeded { rule } blockers { code rank need free unit }
      } }`,
      { input: large() },
    ),
  );
  expect(plan).toEqual({
    planInstance: {
      feasible: true,
      approvalsNeeded: [{ rule: 'gpus-above-4' }],
      blockers: [{ code: 'APPROVAL', rank: 1, need: '1', free: '0', unit: 'APPROVAL' }],
    },
  });
});

test('what would be refused is refused, and asks nobody', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const refused = async (request: object, more: object = {}) => {
    const input = { request, idempotencyKey: randomUUID(), ...more };
    return refusalOf(await researcher(REQUEST, { input }))?.code;
  };
  expect(await refused(large({ gpu: { modelIn: ['l40s-48gb'], count: 8 } }))).toBe('QUOTA_EXCEEDED');
  expect(await refused(large(), { planHash: 'f'.repeat(64) })).toBe('PLAN_STALE');
  expect(await refused(large({ gpu: { modelIn: [H100], count: 9 } }))).toBe('UNSATISFIABLE');
  expect(await harness.database.prisma.instance.count()).toBe(0);
});

test('an approved request gets its devices and money, once, however often that is said', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const input = { request: large(), idempotencyKey: randomUUID() };
  const asked = dataOf<{ requestInstance: Asked }>(await researcher(REQUEST, { input })).requestInstance;
  await decided(harness, 'ApprovalApproved', asked);
  await decided(harness, 'ApprovalApproved', asked);
  await reaches(researcher, asked.instance.id, 'PROVISIONING');
  await decided(harness, 'ApprovalRejected', asked);
  await comeUp(harness, asked.instance.id);
  expect(await stateOf(researcher, asked.instance.id)).toMatchObject({ state: 'RUNNING', endReason: null });
  const types = await eventsOf(harness, asked.instance.id);
  expect(types.filter((type) => type === 'InstanceAdmitted')).toHaveLength(1);
  expect(await harness.database.prisma.allocation.count()).toBe(8);
  expect([...harness.billing.holds.keys()]).toEqual([asked.instance.id]);
  const repeat = dataOf<{ requestInstance: Asked }>(await researcher(REQUEST, { input })).requestInstance;
  expect(repeat).toMatchObject({
    eventId: asked.eventId,
    approval: { id: asked.approval?.id, status: 'EXECUTED' },
  });
});

for (const [event, endReason, status, retryable] of [
  ['ApprovalRejected', 'APPROVAL_REJECTED', 'REJECTED', false],
  ['ApprovalExpired', 'APPROVAL_EXPIRED', 'EXPIRED', true],
  ['ApprovalWithdrawn', 'APPROVAL_WITHDRAWN', 'WITHDRAWN', true],
] as const)
  test(`what waits fails with ${endReason} when the approval is ${status}`, async () => {
    await using harness = await startResources();
    const researcher = harness.as(people.researcher);
    const input = { request: large(), idempotencyKey: randomUUID() };
    const asked = dataOf<{ requestInstance: Asked }>(await researcher(REQUEST, { input })).requestInstance;
    await decided(harness, event, asked);
    await reaches(researcher, asked.instance.id, 'FAILED');
    expect(await stateOf(researcher, asked.instance.id)).toMatchObject({ endReason, retryable });
    expect(harness.billing.holds.size).toBe(0);
    const repeat = dataOf<{ requestInstance: Asked }>(await researcher(REQUEST, { input })).requestInstance;
    expect(repeat.approval).toEqual({ id: asked.approval?.id, status });
  });

test('an approval counts for its plan: a price or a limit that changed supersedes it', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const byPrice = await ask(researcher);
  await setPrices(harness, 'example-2026-12', { [H100]: '3.49', [A100]: '1.79' });
  await decided(harness, 'ApprovalApproved', byPrice);
  await reaches(researcher, byPrice.instance.id, 'FAILED');
  expect((await stateOf(researcher, byPrice.instance.id)).endReason).toBe('APPROVAL_SUPERSEDED');
  const byLimit = await ask(researcher);
  await setQuota(harness, 'vision', H100, 12);
  await decided(harness, 'ApprovalApproved', byLimit);
  await reaches(researcher, byLimit.instance.id, 'FAILED');
  expect((await stateOf(researcher, byLimit.instance.id)).endReason).toBe('APPROVAL_SUPERSEDED');
  const forged = await ask(researcher);
  await decided(harness, 'ApprovalApproved', forged, 'f'.repeat(64));
  await reaches(researcher, forged.instance.id, 'FAILED');
  expect((await stateOf(researcher, forged.instance.id)).endReason).toBe('APPROVAL_SUPERSEDED');
  expect(harness.billing.holds.size).toBe(0);
});

test('devices that were taken meanwhile fail it with CAPACITY_GONE, and hold no money', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const first = await ask(researcher);
  const second = await ask(researcher);
  const third = await ask(researcher);
  for (const asked of [first, second]) {
    await decided(harness, 'ApprovalApproved', asked);
    await reaches(researcher, asked.instance.id, 'PROVISIONING');
  }
  await decided(harness, 'ApprovalApproved', third);
  await reaches(researcher, third.instance.id, 'FAILED');
  expect(await stateOf(researcher, third.instance.id)).toMatchObject({
    endReason: 'CAPACITY_GONE',
    retryable: true,
  });
  expect([...harness.billing.holds.keys()].sort()).toEqual([first.instance.id, second.instance.id].sort());
});

test('what waits can be terminated at once; a late approval gives it nothing', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const asked = await ask(researcher);
  const ended = dataOf(await command(researcher, 'terminateInstance', asked.instance.id));
  expect(ended).toMatchObject({ terminateInstance: { instance: { state: 'TERMINATED' } } });
  await decided(harness, 'ApprovalApproved', asked);
  const other = await ask(researcher);
  await decided(harness, 'ApprovalApproved', other);
  await reaches(researcher, other.instance.id, 'PROVISIONING');
  expect(await eventsOf(harness, asked.instance.id)).not.toContain('InstanceAdmitted');
  expect(await harness.database.prisma.allocation.count()).toBe(8);
});

test('a stopped instance that was approved once starts again without another approval', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const asked = await ask(researcher);
  const { id } = asked.instance;
  await decided(harness, 'ApprovalApproved', asked);
  await reaches(researcher, id, 'PROVISIONING');
  await comeUp(harness, id);
  await command(researcher, 'stopInstance', id);
  await harness.app.observe(id, [{ type: 'podGone' }]);
  const started = dataOf(await command(researcher, 'startInstance', id));
  expect(started).toMatchObject({ startInstance: { instance: { state: 'STARTING' } } });
});

test('a dry run shows that it would wait, and asks nobody', async () => {
  await using harness = await startResources();
  const dry = await ask(harness.as(people.researcher), large(), { dryRun: true });
  expect(dry).toMatchObject({
    eventId: null,
    approval: { status: 'PENDING' },
    instance: { state: 'AWAITING_APPROVAL' },
  });
  expect(await harness.database.prisma.event.count({ where: { type: 'InstanceApprovalAsked' } })).toBe(0);
});
