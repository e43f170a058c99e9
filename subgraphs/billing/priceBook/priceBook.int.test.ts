import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { type BillingHarness, finops, H100, startBilling } from '../billing.fixture.js';

const CREATE = `mutation ($input: CreatePriceBookInput!) {
  createPriceBook(input: $input) {
    eventId version
    priceBook { id name status inForceFrom rates { gpuModel { id } perHour { amount currency } } }
  }
}`;
const ACTIVATE = `mutation ($input: ActivatePriceBookInput!) {
  activatePriceBook(input: $input) { eventId version priceBook { id status inForceFrom availableActions { allowed } } }
}`;
const PRICE = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on GpuModel { id pricePerHour { amount currency } } } }`;

const draft = (more: object = {}) => ({
  name: `book-${randomUUID().slice(0, 8)}`,
  source: 'A test',
  rates: [{ gpuModelId: H100, perHour: '3.50' }],
  idempotencyKey: randomUUID(),
  ...more,
});

type Created = {
  createPriceBook: { eventId: string | null; version: number | null; priceBook: { id: string } };
};

async function create(harness: BillingHarness, more: object = {}): Promise<string> {
  const answer = await harness.as(finops())(CREATE, { input: draft(more) });
  return dataOf<Created>(answer).createPriceBook.priceBook.id;
}

const activate = (harness: BillingHarness, id: string, more: object = {}) =>
  harness.as(finops())(ACTIVATE, { input: { id, idempotencyKey: randomUUID(), ...more } });

const priceOf = async (harness: BillingHarness) =>
  dataOf(await harness.as(person())(PRICE, { ids: [{ __typename: 'GpuModel', id: H100 }] }))['_entities'];

test('the example price book counts after the bootstrap, once, and everybody sees its prices', async () => {
  await using harness = await startBilling();
  await harness.app.bootstrap();
  await harness.app.bootstrap();
  const books = await harness.as(person())(
    `{ priceBooks(first: 10) { totalCount edges { node { name isExample status } } } activePriceBook { name } }`,
  );
  expect(dataOf(books)).toEqual({
    priceBooks: {
      totalCount: 1,
      edges: [{ node: { name: 'example-2026-11', isExample: true, status: 'ACTIVATED' } }],
    },
    activePriceBook: { name: 'example-2026-11' },
  });
  const ids = [H100, 'a100-sxm4-80gb', 'nobody-knows'].map((id) => ({ __typename: 'GpuModel', id }));
  expect(dataOf(await harness.as(person())(PRICE, { ids }))['_entities']).toEqual([
    { id: H100, pricePerHour: { amount: '2.99', currency: 'USD' } },
    { id: 'a100-sxm4-80gb', pricePerHour: { amount: '1.79', currency: 'USD' } },
    { id: 'nobody-knows', pricePerHour: null },
  ]);
});

test('a draft prices nothing, an activated book counts from now, a future one from its time', async () => {
  await using harness = await startBilling();
  await harness.app.bootstrap();
  const next = await create(harness);
  expect(await priceOf(harness)).toMatchObject([{ pricePerHour: { amount: '2.99' } }]);
  const future = await create(harness, {
    effectiveFrom: '2999-01-01T00:00:00Z',
    rates: [{ gpuModelId: H100, perHour: '9' }],
  });
  expect(dataOf(await activate(harness, future))).toMatchObject({
    activatePriceBook: { priceBook: { status: 'ACTIVATED', inForceFrom: '2999-01-01T00:00:00.000Z' } },
  });
  expect(await priceOf(harness)).toMatchObject([{ pricePerHour: { amount: '2.99' } }]);
  dataOf(await activate(harness, next));
  expect(await priceOf(harness)).toMatchObject([{ pricePerHour: { amount: '3.5' } }]);
  const later = await harness.as(person())(`{ activePriceBook(at: "2999-01-02T00:00:00Z") { id } }`);
  expect(dataOf(later)).toEqual({ activePriceBook: { id: future } });
});

test('a book never counts for the time before its activation', async () => {
  await using harness = await startBilling();
  const before = new Date();
  const id = await create(harness, { effectiveFrom: '2001-01-01T00:00:00Z' });
  const answer = dataOf<{ activatePriceBook: { priceBook: { inForceFrom: string } } }>(
    await activate(harness, id),
  );
  expect(Date.parse(answer.activatePriceBook.priceBook.inForceFrom)).toBeGreaterThanOrEqual(before.getTime());
});

test('a second activation, a wrong version, an unknown book and a taken name are refused, and a dry run stores nothing', async () => {
  await using harness = await startBilling();
  const id = await create(harness, { name: 'list-1' });
  expect(refusalOf(await activate(harness, id, { expectedVersion: 7 }))).toMatchObject({
    code: 'CONFLICT',
    details: { id, expectedVersion: 7, version: 1 },
  });
  dataOf(await activate(harness, id));
  expect(refusalOf(await activate(harness, id))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { id, state: 'ACTIVATED', allowed: [] },
  });
  expect(refusalOf(await activate(harness, 'pricebook_none'))).toMatchObject({ code: 'NOT_FOUND' });
  const again = await harness.as(finops())(CREATE, { input: draft({ name: 'list-1' }) });
  expect(refusalOf(again)).toMatchObject({ code: 'NAME_TAKEN', details: { name: 'list-1' } });
  const dry = await harness.as(finops())(CREATE, { input: draft({ name: 'list-2', dryRun: true }) });
  expect(dataOf(dry)).toMatchObject({
    createPriceBook: { eventId: null, version: null, priceBook: { name: 'list-2', status: 'DRAFT' } },
  });
  expect(await harness.database.prisma.priceBook.count()).toBe(1);
});

test('only who may write price books may create and activate them', async () => {
  await using harness = await startBilling();
  const id = await create(harness);
  const viewer = harness.as(person(['cost:read', 'contents:read', 'budget:write']));
  const forbidden = { code: 'FORBIDDEN', details: { permission: 'priceBook:write' } };
  expect(refusalOf(await viewer(CREATE, { input: draft() }))).toMatchObject(forbidden);
  const input = { id, idempotencyKey: randomUUID() };
  expect(refusalOf(await viewer(ACTIVATE, { input }))).toMatchObject(forbidden);
  const actions = await viewer(
    `query ($id: ID!) { priceBook(id: $id) { availableActions { allowed reason } } }`,
    {
      id,
    },
  );
  expect(dataOf(actions)).toMatchObject({ priceBook: { availableActions: [{ allowed: false }] } });
});

test('bad prices are refused with the path of the fault, and nothing is stored', async () => {
  await using harness = await startBilling();
  const twice = [
    { gpuModelId: H100, perHour: '1' },
    { gpuModelId: H100, perHour: '2' },
  ];
  const faults: [object, (string | number)[]][] = [
    [{ name: 'x'.repeat(10_000) }, ['input', 'name']],
    [{ currency: 'EUR' }, ['input', 'currency']],
    [{ rates: [{ gpuModelId: H100, perHour: '-1' }] }, ['input', 'rates', 0, 'perHour']],
    [{ rates: [] }, ['input', 'rates']],
    [{ rates: twice }, ['input', 'rates', 1, 'gpuModelId']],
  ];
  for (const [more, path] of faults) {
    const answer = await harness.as(finops())(CREATE, { input: draft(more) });
    expect(refusalOf(answer)).toMatchObject({ code: 'BAD_USER_INPUT', details: { faults: [{ path }] } });
  }
  expect(await harness.database.prisma.priceBook.count()).toBe(0);
});
