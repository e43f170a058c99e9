import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalAsk, ApprovalOutcome } from '../../contracts/approval.js';
import type { Permission } from '../../contracts/permissions.js';
import type { ObservedNode } from '../../contracts/resources.events.js';
import type { Principal } from '../../platform/identity/principal.js';
import { createGovernance } from '../../subgraphs/governance/app.js';
import { createResources } from '../../subgraphs/resources/app.js';
import { createBillingFake } from '../testkit/billingFake.js';
import { randomsOf } from '../testkit/randoms.js';
import { person, startHarness } from '../testkit/subgraphHarness.js';
import { until } from '../testkit/until.js';

const STEPS = 60;
const H100 = 'h100-sxm5-80gb';
const PROJECT = 'project_vision';

const within = (rights: Permission[]): Principal => person(['fleet:read'], { [PROJECT]: rights });
const CONTENTS: Permission[] = ['project:read', 'contents:read'];
const researcher = within([...CONTENTS, 'instance:writeOwn']);
const deciders = [
  within([...CONTENTS, 'approval:decide']),
  within([...CONTENTS, 'approval:decide']),
  within([...CONTENTS, 'approval:decide']),
];

/** More nodes than all steps together could fill, so that devices are never what is missing. */
const nodes = Array.from({ length: STEPS }, (_, node): ObservedNode => ({
  name: `h100-${node}`,
  zone: null,
  cpuMillis: 192_000,
  memoryMiB: 2_000_000,
  ready: true,
  unschedulable: false,
  devices: Array.from({ length: 8 }, (_device, index) => ({
    index,
    gpuModelId: H100,
    uuid: null,
    memoryMiB: 81_559,
    health: 'HEALTHY',
  })),
}));

type Deps = Parameters<typeof createGovernance>[0];

/** Governance and resources on one store. They can be stopped and started anew, and then hear everything once more. */
async function startPair() {
  const billing = createBillingFake();
  let restart = async (): Promise<void> => {};
  const harness = await startHarness(async (deps: Deps) => {
    const create = async () => ({
      governance: await createGovernance(deps),
      resources: await createResources({ ...deps, billing, clusterId: 'eu-1' }),
    });
    let pair = await create();
    const stop = async () => {
      await pair.governance[Symbol.asyncDispose]();
      await pair.resources[Symbol.asyncDispose]();
    };
    const start = async () => {
      await pair.governance.start();
      await pair.resources.start();
    };
    restart = async () => {
      await stop();
      const approvals = { name: { contains: 'approvals' } };
      await deps.database.prisma.checkpoint.updateMany({ where: approvals, data: { position: 0n } });
      pair = await create();
      await start();
    };
    return {
      start,
      [Symbol.asyncDispose]: stop,
      get resources() {
        return pair.resources;
      },
      get subgraph() {
        return pair.governance.subgraph;
      },
    };
  });
  const { append, app } = harness;
  await append('governance', PROJECT, {
    type: 'ProjectCreated',
    data: { id: PROJECT, key: 'vision', name: 'Vision', parentId: null },
  });
  await app.resources.nodes.registerCluster();
  await app.resources.nodes.recordNodes(nodes);
  return { harness, restart: () => restart() };
}

type Pair = Awaited<ReturnType<typeof startPair>>;

/** The limit is part of every plan: another one makes every plan another. */
async function setLimit({ harness }: Pair, nominal: number): Promise<void> {
  await harness.append('governance', `quota_vision_${H100}`, {
    type: 'QuotaSet',
    data: { id: `quota_vision_${H100}`, projectId: PROJECT, gpuModelId: H100, nominal },
  });
  const governance = String(await harness.history('governance').head());
  await harness.app.resources.spine.catchUp({ governance });
}

const eventsOf = ({ harness }: Pair, where: { context?: string; type?: string }) =>
  harness.database.prisma.event.findMany({ where, orderBy: [{ context: 'asc' }, { position: 'asc' }] });

/** What resources say in their own name; they see what was stored before. */
async function send(pair: Pair, document: string, input: object): Promise<void> {
  const heads = await Promise.all(
    ['governance', 'resources', 'billing'].map(
      async (context) => [context, String(await pair.harness.history(context).head())] as const,
    ),
  );
  const id = randomUUID();
  const { signal } = new AbortController();
  const call = { principal: researcher, requestId: id, correlationId: id, signal };
  await pair.harness.app.resources.subgraph.execute(
    { document, variables: { input: { idempotencyKey: randomUUID(), ...input } } },
    { ...call, positions: Object.fromEntries(heads) },
  );
}

const REQUEST =
  'mutation ($input: RequestInstanceInput!) { requestInstance(input: $input) { instance { id } } }';
const TERMINATE =
  'mutation ($input: InstanceCommandInput!) { terminateInstance(input: $input) { instance { id } } }';
const DECIDE = 'mutation ($input: DecideApprovalInput!) { decideApproval(input: $input) { eventId } }';
const WITHDRAW = 'mutation ($input: WithdrawApprovalInput!) { withdrawApproval(input: $input) { eventId } }';

type Step = { kind: (typeof KINDS)[number]; pick: number };
const KINDS = [
  'ask',
  'ask',
  'ask',
  'decide',
  'decide',
  'decide',
  'withdraw',
  'end',
  'limit',
  'again',
] as const;
const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...KINDS), pick: fc.nat(999) });

/** Every decision is sent by all who may at once, and some of them disagree. */
async function take(pair: Pair, { kind, pick }: Step): Promise<void> {
  const { harness } = pair;
  const all = await harness.database.prisma.approvalRequest.findMany({ orderBy: { id: 'asc' } });
  const chosen = all[pick % Math.max(1, all.length)];
  switch (kind) {
    case 'ask': {
      const gpu = { modelIn: [H100], count: 8 };
      return send(pair, REQUEST, { request: { projectId: PROJECT, name: 'large', image: 'busybox', gpu } });
    }
    case 'decide':
      await Promise.all(
        deciders.map((decider, index) => {
          const decision = (pick + index) % 4 ? 'APPROVE' : 'REJECT';
          const input = { id: chosen?.id ?? 'approval_none', decision, idempotencyKey: randomUUID() };
          return harness.as(decider)(DECIDE, { input });
        }),
      );
      return;
    case 'withdraw':
      await harness.as(researcher)(WITHDRAW, {
        input: { id: chosen?.id ?? 'approval_none', idempotencyKey: randomUUID() },
      });
      return;
    case 'end':
      return send(pair, TERMINATE, { id: chosen?.targetId ?? 'instance_none' });
    case 'limit':
      // Nothing is under way then, so that it is certain which limit an admission has seen.
      await until('both have heard each other out', () => isQuiet(pair));
      return setLimit(pair, 8 * STEPS + (pick % 5));
    case 'again':
      return pair.restart();
  }
}

/** One whose plan nobody changes in between: whatever the draw was, one is used. */
async function useOne(pair: Pair): Promise<void> {
  const heard = () => until('both have heard each other out', () => isQuiet(pair));
  await heard();
  await take(pair, { kind: 'ask', pick: 0 });
  await heard();
  const { prisma } = pair.harness.database;
  const { id } = await prisma.approvalRequest.findFirstOrThrow({ orderBy: { id: 'desc' } });
  const input = { id, decision: 'APPROVE', idempotencyKey: randomUUID() };
  await Promise.all(deciders.map((decider) => pair.harness.as(decider)(DECIDE, { input })));
}

/** Both have heard everything that the other has said. */
const isQuiet = async (pair: Pair): Promise<boolean> => {
  const { prisma } = pair.harness.database;
  for (const [name, context] of [
    ['governance.approvals', 'resources'],
    ['resources.instance-approvals', 'governance'],
  ] as const) {
    const head = await pair.harness.history(context).head();
    const read = await prisma.checkpoint.findUnique({ where: { name_context: { name, context } } });
    if (read?.position !== head) return false;
  }
  return true;
};

const limitAt = (limits: Awaited<ReturnType<typeof eventsOf>>, at: Date): number | undefined => {
  const set = limits.findLast(({ occurredAt }) => occurredAt <= at);
  return set && dataIn<{ nominal: number }>(set).nominal;
};

const dataIn = <Data>({ data }: { data: unknown }): Data => data as Data;

test('an approval executes at most once, and only for the plan that it was asked for, however often all is said', async () => {
  const pair = await startPair();
  await using _harness = pair.harness;
  await setLimit(pair, 8 * STEPS);
  const { seed } = randomsOf();
  console.log(`seed ${seed}`);
  for (const each of fc.sample(step, { numRuns: STEPS, seed })) await take(pair, each);
  await useOne(pair);
  await pair.restart();
  await until('both have heard each other out', () => isQuiet(pair));

  const asks = await eventsOf(pair, { context: 'resources', type: 'InstanceApprovalAsked' });
  const limits = await eventsOf(pair, { context: 'governance', type: 'QuotaSet' });
  const executed = await eventsOf(pair, { context: 'governance', type: 'ApprovalExecuted' });
  const admitted = await eventsOf(pair, { context: 'resources', type: 'InstanceAdmitted' });
  const targets = executed.map((event) => dataIn<ApprovalOutcome>(event).target.id);
  expect(new Set(targets).size).toBe(targets.length);
  expect(admitted.map(({ streamId }) => streamId).sort()).toEqual([...targets].sort());
  expect(targets.length).toBeGreaterThan(0);

  const approved = await eventsOf(pair, { context: 'governance', type: 'ApprovalApproved' });
  for (const asked of asks) {
    const { ask } = dataIn<{ ask: ApprovalAsk }>(asked);
    const approval = approved.filter(({ streamId }) => streamId === ask.approvalId);
    expect(approval.length).toBeLessThanOrEqual(1);
    if (!targets.includes(asked.streamId)) continue;
    const [yes] = approval;
    const use = admitted.find(({ streamId }) => streamId === asked.streamId);
    if (!yes || !use) throw new Error(`${ask.approvalId} was used and never given`);
    expect(dataIn<ApprovalOutcome>(yes).planHash).toBe(ask.planHash);
    expect(limitAt(limits, use.occurredAt)).toBe(limitAt(limits, asked.occurredAt));
  }
  const open = await pair.harness.database.prisma.allocation.count({ where: { closedAt: null } });
  expect(open).toBe(8 * targets.length);
});
