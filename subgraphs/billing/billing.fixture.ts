import { randomUUID } from 'node:crypto';
import type { Permission } from '../../contracts/permissions.js';
import type { AllocationEvent } from '../../contracts/resources.events.js';
import type { Database } from '../../platform/database/database.js';
import type { Principal } from '../../platform/identity/principal.js';
import type { SubgraphResponse } from '../../platform/server/subgraph.js';
import {
  type Caller,
  dataOf,
  type Harness,
  person,
  refusalOf,
  startHarness,
} from '../../test/testkit/subgraphHarness.js';
import type { TestDatabase } from '../../test/testkit/testDatabase.js';
import { type Billing, createBilling } from './app.js';
import { ownerKindOf } from './usage/owner.js';

export type BillingHarness = Harness<Billing>;

export const startBilling = (open?: () => Promise<Database>): Promise<BillingHarness> =>
  startHarness(createBilling, open);

export const H100 = 'h100-sxm5-80gb';

/** A user with rights in the whole organisation, or in projects. */
export const holder = (
  everywhere: readonly Permission[],
  projects: Readonly<Record<string, readonly Permission[]>> = {},
): Principal => person(everywhere, projects);

export const finops = (): Principal => holder(['budget:write', 'priceBook:write', 'cost:read']);

export const origin = { actorId: 'user_1', requestId: 'request_1', correlationId: 'correlation_1' };

/** Governance's news of a project. */
export async function addProject(
  harness: BillingHarness,
  parentId: string | null = null,
  id = `project_${randomUUID()}`,
): Promise<string> {
  const data = { id, key: id, name: id, parentId };
  await harness.append('governance', id, { type: 'ProjectCreated', data }, { projectId: id });
  return id;
}

/** Resources' news of a device that was given to an owner. Returns the allocation's id. */
export async function openAllocation(
  harness: BillingHarness,
  opening: { ownerId: string; projectId: string; from: Date; gpuModelId?: string; basisPoints?: number },
): Promise<string> {
  const { ownerId, projectId, from, gpuModelId = H100, basisPoints = 10_000 } = opening;
  const id = `allocation_${randomUUID()}`;
  const event: AllocationEvent = {
    type: 'AllocationOpened',
    data: {
      id,
      owner: { kind: ownerKindOf(ownerId) ?? 'INSTANCE', id: ownerId },
      projectId,
      gpuId: 'eu-1/h100-1/0',
      gpuModelId,
      nodeId: 'eu-1/h100-1',
      basisPoints,
      from: from.toISOString(),
    },
  };
  await harness.append('resources', id, event, { projectId });
  return id;
}

export async function closeAllocation(harness: BillingHarness, id: string, to: Date): Promise<void> {
  const event: AllocationEvent = { type: 'AllocationClosed', data: { id, to: to.toISOString() } };
  await harness.append('resources', id, event);
}

/** Scheduling's news of a job that somebody submitted. */
export const submitJob = (harness: BillingHarness, id: string, projectId: string, by = person()) =>
  harness.append('scheduling', id, { type: 'JobSubmitted', data: { id, projectId } }, { projectId, by });

/** Models' news of a deployment that somebody asked for. */
export const requestDeployment = (harness: BillingHarness, id: string, projectId: string, by = person()) =>
  harness.append('models', id, { type: 'DeploymentRequested', data: { id, projectId } }, { projectId, by });

/** Models' news of a version; a job made it, or nobody said who did. */
export const createVersion = (
  harness: BillingHarness,
  id: string,
  projectId: string,
  producedByJobId: string | null,
) =>
  harness.append('models', id, { type: 'ModelVersionCreated', data: { id, producedByJobId } }, { projectId });

/** The example prices, as if they had counted for a long time. */
export async function longStandingPrices({ app, database }: BillingHarness): Promise<void> {
  await app.bootstrap();
  await database.prisma.priceBook.updateMany({ data: { inForceFrom: new Date('2026-11-01T00:00:00Z') } });
}

/**
 * Devices that an owner had for 36 s (0.01 hours) until now: 0.0299 USD each. Between its opening and its closing each
 * costs what it would if it were never closed.
 */
export async function useDevices(
  harness: BillingHarness,
  used: { ownerId: string; projectId: string; count?: number; gpuModelId?: string },
): Promise<void> {
  const { count = 1, ...rest } = used;
  const from = new Date(Date.now() - 36_000);
  for (let device = 0; device < count; device++) {
    const id = await openAllocation(harness, { ...rest, from });
    await closeAllocation(harness, id, new Date(from.getTime() + 36_000));
  }
}

const CREATE_BUDGET = `mutation ($input: CreateBudgetInput!) {
  createBudget(input: $input) { eventId version budget { id status amount { amount currency } } }
}`;

export const createBudget = (caller: Caller, projectId: string, amount: string, more: object = {}) =>
  caller(CREATE_BUDGET, {
    input: {
      projectId,
      period: 'YEAR',
      amount: { amount, currency: 'USD' },
      idempotencyKey: randomUUID(),
      ...more,
    },
  });

/** The id of a new yearly budget. */
export async function budgetOf(harness: BillingHarness, projectId: string, amount: string): Promise<string> {
  const answer = await createBudget(harness.as(finops()), projectId, amount);
  return dataOf<{ createBudget: { budget: { id: string } } }>(answer).createBudget.budget.id;
}

/** As if the hour, or the run, that a hold was placed for were over. */
export const makeOver = ({ database }: BillingHarness, holdId: string) =>
  (database as TestDatabase).asOwner(
    `UPDATE eventlog.event SET data = jsonb_set(data, '{until}', to_jsonb('2026-11-01T00:00:00.000Z'::text))
     WHERE stream_id = '${holdId}' AND version = 1`,
  );

/** A subscription's field as somebody sees it who has been told of all that was stored before, until it is disposed. */
export function openFeed<Item>(
  { app, as }: BillingHarness,
  { document, field, variables }: { document: string; field: string; variables: Record<string, unknown> },
  principal: Principal,
) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const opening = as(principal)('{ __typename }').then(() =>
    app.subgraph.subscribe({ document, variables }, call),
  );
  const take = async () => (await opening).next();
  return {
    /** The next item; fails where the feed is refused or ends. */
    async next(): Promise<Item> {
      const { value, done } = await take();
      if (done) throw new Error('The feed ended');
      return dataOf<Record<string, Item>>(value)[field] as Item;
    },
    /** What the feed is refused with; undefined where it is not. */
    async refusal() {
      const { value } = (await take()) as { value?: SubgraphResponse };
      return value && refusalOf(value);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await (await opening).return?.();
    },
  };
}
