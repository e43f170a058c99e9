import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  A100,
  addProject,
  comeUp,
  command,
  goAway,
  H100,
  L40S,
  people,
  requested,
  requestInstance,
  requestOf,
  setPrices,
  setQuota,
  startResources,
} from '../resources.fixture.js';

const INSTANCE = `query ($id: ID!) { instance(id: $id) {
  id name state version observedAt endReason deadline project { id } createdBy { id kind } labels { key value }
  endpoints { name url } gpuModel { id } node { id name }
  allocations { id from to gpu { id uuid model { id name } node { id name cluster { id connectivity } } } }
  provisioningSteps { name state startedAt endedAt deadline }
  availableActions { action allowed reason resultingState } } }`;

type Page = {
  state: string;
  version: number;
  endReason: string | null;
  endpoints: { name: string }[];
  allocations: { to: string | null; gpu: { id: string } }[];
  provisioningSteps: { name: string; state: string; startedAt: string | null; endedAt: string | null }[];
  availableActions: {
    action: string;
    allowed: boolean;
    reason: string | null;
    resultingState: string | null;
  }[];
};

const DEVICES = `{ gpuCatalogue { id available } }`;

test('an instance goes from request to termination, and has its devices as long as a pod may exist', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const page = async (id: string) => dataOf<{ instance: Page }>(await researcher(INSTANCE, { id })).instance;
  const freeH100 = async () =>
    dataOf<{ gpuCatalogue: { id: string; available: number }[] }>(
      await researcher(DEVICES),
    ).gpuCatalogue.find(({ id }) => id === H100)?.available;

  const { instance, eventId, version, approval } = await requested(
    researcher,
    requestOf({ gpu: { modelIn: [H100], count: 2 } }),
  );
  expect({ state: instance.state, version, approval }).toEqual({
    state: 'PROVISIONING',
    version: 3,
    approval: null,
  });
  expect(eventId).toMatch(/^[0-9a-f-]{36}$/);
  expect(instance.allocations).toHaveLength(2);
  expect(await freeH100()).toBe(14);
  expect([...harness.billing.holds.values()]).toEqual([
    { id: 'hold_1', projectId: 'vision', amount: '5.98' },
  ]);

  const { id } = instance;
  await comeUp(harness, id);
  const running = await page(id);
  expect(running).toMatchObject({ state: 'RUNNING', deadline: null, endpoints: [{ name: 'http' }] });
  expect(running.provisioningSteps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'ALLOCATE SUCCEEDED',
    'CREATE_POD SUCCEEDED',
    'SCHEDULE SUCCEEDED',
    'PULL_IMAGE SUCCEEDED',
    'START SUCCEEDED',
  ]);
  expect(
    running.provisioningSteps.every(({ startedAt, endedAt }) => startedAt !== null && endedAt !== null),
  ).toBe(true);
  expect(running.availableActions).toEqual([
    { action: 'startInstance', allowed: false, reason: 'It is RUNNING.', resultingState: null },
    { action: 'stopInstance', allowed: true, reason: null, resultingState: 'STOPPING' },
    { action: 'terminateInstance', allowed: true, reason: null, resultingState: 'TERMINATING' },
  ]);

  expect(dataOf(await command(researcher, 'stopInstance', id))).toMatchObject({
    stopInstance: { instance: { state: 'STOPPING' } },
  });
  expect(await freeH100()).toBe(14);
  await goAway(harness, id);
  expect(await page(id)).toMatchObject({ state: 'STOPPED', endpoints: [] });
  expect(await freeH100()).toBe(16);

  expect(dataOf(await command(researcher, 'startInstance', id))).toMatchObject({
    startInstance: { instance: { state: 'STARTING' } },
  });
  await comeUp(harness, id);
  expect(await page(id)).toMatchObject({ state: 'RUNNING' });

  expect(dataOf(await command(researcher, 'terminateInstance', id))).toMatchObject({
    terminateInstance: { instance: { state: 'TERMINATING' } },
  });
  await goAway(harness, id);
  const ended = await page(id);
  expect(ended).toMatchObject({ state: 'TERMINATED', endReason: 'TERMINATED_BY_REQUEST' });
  expect(ended.allocations).toHaveLength(4);
  expect(ended.allocations.every(({ to }) => to !== null)).toBe(true);
  expect(await freeH100()).toBe(16);
});

test('telling again what was seen makes no event', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  await comeUp(harness, instance.id);
  const before = await harness.app.spine.store.head();
  await comeUp(harness, instance.id);
  await harness.app.nodes.registerCluster();
  expect(await harness.app.spine.store.head()).toBe(before);
});

test('what reconcilers report is told as theirs, on behalf of who asked, and of the same story', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  await comeUp(harness, instance.id);
  const events = await harness.app.spine.store.readStream(instance.id);
  const [first] = events;
  const last = events.at(-1);
  expect(first).toMatchObject({
    type: 'InstanceRequested',
    actor: { id: people.researcher.id, kind: 'USER' },
    projectId: 'vision',
  });
  expect(last).toMatchObject({
    type: 'InstanceRunning',
    actor: { id: 'system:instance-reconciler', kind: 'SYSTEM' },
    onBehalfOf: people.researcher.id,
    correlationId: first?.correlationId,
    causationId: events[2]?.id,
  });
});

test('refusals say what is short, by how much, and what to do', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const refused = async (request: object) => refusalOf(await requestInstance(researcher, request));

  expect(await refused(requestOf({ gpu: { modelIn: [L40S], count: 1 } }))).toEqual({
    code: 'QUOTA_EXCEEDED',
    hint: expect.stringMatching(/quota/),
    retryable: false,
    details: { gpuModelId: L40S, need: 1, free: 0, nominal: 0, projectId: 'vision' },
  });
  expect(await refused(requestOf({ gpu: { modelIn: [H100], count: 9 } }))).toEqual({
    code: 'UNSATISFIABLE',
    hint: expect.any(String),
    retryable: false,
    details: { gpuModelId: H100, need: 9, largestNode: 8 },
  });
  harness.billing.setBudget('vision', '5.97');
  expect(await refused(requestOf({ gpu: { modelIn: [H100], count: 2 } }))).toMatchObject({
    code: 'BUDGET_EXCEEDED',
    details: { need: '5.98', free: '5.97', limit: '5.97', currency: 'USD' },
  });
  harness.billing.setBudget('vision', '1000');

  await setQuota(harness, 'vision', H100, 40);
  for (let taken = 0; taken < 4; taken++)
    await requested(researcher, requestOf({ gpu: { modelIn: [H100], count: 3 } }));
  expect(await refused(requestOf({ gpu: { modelIn: [H100], count: 3 } }))).toEqual({
    code: 'CAPACITY_EXHAUSTED',
    hint: expect.any(String),
    retryable: true,
    details: { gpuModelId: H100, need: 3, free: 4 },
  });
  expect(harness.billing.holds.size).toBe(4);
});

test('checks answer in their order: quota before budget, budget before capacity', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const code = async (count: number) =>
    refusalOf(await requestInstance(researcher, requestOf({ gpu: { modelIn: [H100], count } })))?.['code'];
  harness.billing.setBudget('vision', '0');
  expect(await code(17)).toBe('QUOTA_EXCEEDED');
  expect(await code(9)).toBe('BUDGET_EXCEEDED');
  harness.billing.setBudget('vision', '100');
  expect(await code(9)).toBe('UNSATISFIABLE');
});

test('of several models the first that fits is taken', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const wish = requestOf({ gpu: { modelIn: [L40S, H100, A100], count: 4 } });
  const gpusOf = async () => (await requested(researcher, wish)).instance.allocations[0]?.gpu.id;
  for (let taken = 0; taken < 4; taken++) expect(await gpusOf()).toMatch(/^eu-1\/h100-/);
  expect(await gpusOf()).toMatch(/^eu-1\/a100-/);
});

test('limits of ancestors count, and so does what runs below them', async () => {
  await using harness = await startResources();
  await addProject(harness, 'lab', 'vision');
  await setQuota(harness, 'lab', H100, 16);
  const inLab = {
    ...people.researcher,
    projects: { ...people.researcher.projects, lab: people.researcher.projects['vision'] ?? [] },
  };
  const caller = harness.as(inLab);
  for (const [projectId, count] of [
    ['lab', 4],
    ['lab', 4],
    ['vision', 4],
    ['vision', 2],
  ] as const)
    await requested(caller, requestOf({ projectId, gpu: { modelIn: [H100], count } }));
  expect(
    refusalOf(
      await requestInstance(caller, requestOf({ projectId: 'lab', gpu: { modelIn: [H100], count: 3 } })),
    ),
  ).toMatchObject({
    code: 'QUOTA_EXCEEDED',
    details: { projectId: 'vision', need: 3, free: 2, nominal: 16 },
  });
});

test('a repeat gets the first answer; another request under its key is refused', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const idempotencyKey = randomUUID();
  const first = await requested(researcher, requestOf(), { idempotencyKey });
  expect(await requested(researcher, requestOf(), { idempotencyKey })).toEqual(first);
  expect(
    refusalOf(await requestInstance(researcher, requestOf({ name: 'other' }), { idempotencyKey })),
  ).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  expect(harness.billing.holds.size).toBe(1);
});

test('a hundred equal requests at once have one effect and one answer', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const more = { idempotencyKey: randomUUID() };
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => requested(researcher, requestOf(), more)),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await harness.database.prisma.instance.count()).toBe(1);
  expect([...harness.billing.holds.keys()]).toEqual([answers[0]?.instance.id]);
});

test('a dry run says what would be, and leaves neither row, event nor hold', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const before = await harness.app.spine.store.head();
  const dry = await requested(researcher, requestOf(), { dryRun: true });
  expect(dry).toMatchObject({
    eventId: null,
    version: null,
    instance: { state: 'PROVISIONING', name: 'notebook' },
  });
  expect(await harness.app.spine.store.head()).toBe(before);
  expect(await harness.database.prisma.instance.count()).toBe(0);
  expect(harness.billing.holds.size).toBe(0);

  const { instance } = await requested(researcher);
  await comeUp(harness, instance.id);
  expect(dataOf(await command(researcher, 'stopInstance', instance.id, { dryRun: true }))).toMatchObject({
    stopInstance: { eventId: null, version: null, instance: { state: 'STOPPING' } },
  });
  expect((await harness.database.prisma.instance.findFirstOrThrow()).phase).toBe('RUNNING');
});

test('commands that the state does not allow are refused with what it allows', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const { instance } = await requested(researcher);
  expect(refusalOf(await command(researcher, 'startInstance', instance.id))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { id: instance.id, state: 'PROVISIONING', allowed: ['terminateInstance'] },
  });
  expect([...harness.billing.holds.keys()]).toEqual([instance.id]);
  expect(
    refusalOf(await command(researcher, 'stopInstance', instance.id, { expectedVersion: 1 })),
  ).toMatchObject({
    code: 'CONFLICT',
    details: { id: instance.id, expectedVersion: 1, version: 3 },
  });
});

test('people command their own instances, administrators all of a project', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  await comeUp(harness, instance.id);
  const stop = (who: (typeof people)[keyof typeof people]) =>
    command(harness.as(who), 'stopInstance', instance.id);
  expect(refusalOf(await stop(people.colleague))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'instance:write' },
  });
  expect(refusalOf(await requestInstance(harness.as(people.auditor)))).toMatchObject({ code: 'FORBIDDEN' });
  expect(dataOf(await stop(people.admin))).toMatchObject({
    stopInstance: { instance: { state: 'STOPPING' } },
  });
});

test('what others have looks as if it did not exist, through every door', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  const [allocation] = instance.allocations;
  const doors = `query ($id: ID!, $representations: [_Any!]!) {
    instance(id: $id) { id }
    instances(projectId: "vision", first: 10) { totalCount edges { node { id } } }
    _entities(representations: $representations) { __typename ... on Project { instances { totalCount } } } }`;
  const look = async (
    who: (typeof people)[keyof typeof people],
    id: string,
    allocationId = 'allocation_none',
  ) => {
    const representations = [
      { __typename: 'Instance', id },
      { __typename: 'Allocation', id: allocationId },
      { __typename: 'Project', id: 'vision' },
    ];
    return dataOf(await harness.as(who)(doors, { id, representations }));
  };
  for (const who of [people.stranger, people.operator, people.auditor, people.nobody]) {
    const hidden = await look(who, instance.id, allocation?.id);
    expect(hidden).toEqual(await look(who, 'instance_none'));
    expect(hidden).toMatchObject({ instance: null, instances: { totalCount: 0, edges: [] } });
    for (const name of ['startInstance', 'stopInstance', 'terminateInstance'] as const) {
      const own = refusalOf(await command(harness.as(who), name, instance.id, { expectedVersion: 77 }));
      const none = refusalOf(await command(harness.as(who), name, 'instance_none', { expectedVersion: 77 }));
      expect(own).toMatchObject({ code: 'NOT_FOUND' });
      expect(JSON.stringify(own).replaceAll(instance.id, 'ID')).toBe(
        JSON.stringify(none).replaceAll('instance_none', 'ID'),
      );
    }
  }
  const elsewhere = refusalOf(await requestInstance(harness.as(people.stranger)));
  expect(elsewhere).toMatchObject({ code: 'NOT_FOUND', details: { kind: 'Project', id: 'vision' } });
});

test('a plan that is out of date is refused with the new one; usage alone does not make it so', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const PLAN = `query ($input: InstanceRequestInput!) { planInstance(input: $input) {
    planHash feasible offers { gpuModel { id } available pricePerHour { amount currency } }
    estimate { perHour { amount currency } priceBookVersion }
    quotaEffect { gpuModel { id } nominal used requested }
    budgetEffect { limit { amount } spent { amount } held { amount } }
    approvalsNeeded { rule reason } blockers { code need free unit action rank since } } }`;
  const plan = async () =>
    dataOf<{ planInstance: { planHash: string } }>(await researcher(PLAN, { input: requestOf() }))
      .planInstance;
  const first = await plan();
  expect(first).toEqual({
    planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    feasible: true,
    offers: [{ gpuModel: { id: H100 }, available: 16, pricePerHour: { amount: '2.99', currency: 'USD' } }],
    estimate: { perHour: { amount: '2.99', currency: 'USD' }, priceBookVersion: 'example-2026-11' },
    quotaEffect: [{ gpuModel: { id: H100 }, nominal: 16, used: 0, requested: 1 }],
    budgetEffect: null,
    approvalsNeeded: [],
    blockers: [],
  });
  await requested(researcher, requestOf(), { planHash: first.planHash });
  expect((await plan()).planHash).toBe(first.planHash);

  await setPrices(harness, 'dearer', { [H100]: '3.5' });
  const stale = refusalOf(await requestInstance(researcher, requestOf(), { planHash: first.planHash }));
  const second = await plan();
  expect(stale).toMatchObject({
    code: 'PLAN_STALE',
    details: {
      planHash: second.planHash,
      plan: { feasible: true, estimate: { priceBookVersion: 'dearer' } },
    },
  });
  expect(second.planHash).not.toBe(first.planHash);
  await requested(researcher, requestOf(), { planHash: second.planHash });
});

test('a plan that does not fit names what is in the way, in numbers', async () => {
  await using harness = await startResources();
  const answer = await harness.as(people.researcher)(
    `query ($input: InstanceRequestInput!) { planInstance(input: $input) { feasible blockers { code need free unit rank since } } }`,
    { input: requestOf({ gpu: { modelIn: [L40S, H100], count: 9 } }) },
  );
  expect(dataOf(answer)).toEqual({
    planInstance: {
      feasible: false,
      blockers: [
        { code: 'NO_MATCHING_DEVICE', need: '9', free: '8', unit: 'GPU', rank: 1, since: null },
        { code: 'QUOTA', need: '9', free: '0', unit: 'GPU', rank: 2, since: null },
        { code: 'APPROVAL', need: '1', free: '0', unit: 'APPROVAL', rank: 3, since: null },
      ],
    },
  });
});

test('bad input is refused with the place of each fault, and stores nothing', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const places = async (more: object) => {
    const refusal = refusalOf(await requestInstance(researcher, requestOf(more))) as {
      code: string;
      details: { faults: { path: (string | number)[] }[] };
    };
    expect(refusal.code).toBe('BAD_USER_INPUT');
    return refusal.details.faults.map(({ path }) => path.join('.')).sort();
  };
  expect(await places({ name: 'x'.repeat(10_000) })).toEqual(['input.request.name']);
  expect(await places({ gpu: { modelIn: [], count: 0 } })).toEqual([
    'input.request.gpu.count',
    'input.request.gpu.modelIn',
  ]);
  expect(await places({ gpu: { modelIn: [H100, 'gtx-1080'], count: 1 } })).toEqual([
    'input.request.gpu.modelIn.1',
  ]);
  expect(await places({ gpu: { modelIn: [H100], count: -3 } })).toEqual(['input.request.gpu.count']);
  expect(
    await places({
      ports: [{ name: 'Not A Port', port: 70_000 }],
      secretRefs: [{ env: '1X', secret: 'ok', key: 'ok' }],
    }),
  ).toEqual(['input.request.ports.0.name', 'input.request.ports.0.port', 'input.request.secretRefs.0.env']);
  expect(
    await places({
      env: [
        { key: 'A', value: '1' },
        { key: 'A', value: '2' },
        { key: '2B', value: '' },
      ],
      labels: [
        { key: 'fleetgraph.dev/instance', value: 'mine' },
        { key: 'team', value: 'not a label' },
      ],
    }),
  ).toEqual([
    'input.request.env.1.key',
    'input.request.env.2.key',
    'input.request.labels.0.key',
    'input.request.labels.1.value',
  ]);
  expect(await harness.database.prisma.instance.count()).toBe(0);
});
