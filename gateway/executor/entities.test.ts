import { expect, test } from 'vitest';
import {
  pathsOf,
  startCannedEngine,
  type CannedSubgraph,
  type ReceivedCall,
} from '../../test/testkit/cannedEngine.js';

const shop: CannedSubgraph = {
  sdl: `
    type Query { items: [Item!]! rows: [[Item]] first: Item last: Item }
    type Item @key(fields: "id") { id: ID! weight: Int }`,
  answer: () => ({
    data: { items: ['1', '2', '1'].map((id) => ({ __typename: 'Item', id })) },
  }),
};

const PRICES = `
  type Query { currency: String }
  type Item @key(fields: "id") { id: ID! price: Int name: String! weight: Int @external shipping: Int @requires(fields: "weight") }`;

const prices = (answer: NonNullable<CannedSubgraph['answer']>): CannedSubgraph => ({ sdl: PRICES, answer });

const representationsOf = ({ variables }: ReceivedCall | undefined = {} as ReceivedCall) =>
  (variables['representations'] as { id: string }[]).map(({ id }) => id);

test('an entity that stands in several places is asked for once and merged into all of them', async () => {
  await using canned = await startCannedEngine({
    shop,
    prices: prices(() => ({ data: { _entities: [{ price: 10 }, { price: 20 }] } })),
  });
  const { data } = await canned.ask('{ items { id price } }');
  expect(data).toEqual({
    items: [
      { id: '1', price: 10 },
      { id: '2', price: 20 },
      { id: '1', price: 10 },
    ],
  });
  expect(representationsOf(canned.received[1])).toEqual(['1', '2']);
});

test('the error of an entity’s field is shown in every place of the entity, under the client’s names', async () => {
  await using canned = await startCannedEngine({
    shop: {
      ...shop,
      answer: () => ({
        data: { _as_all: ['1', '2', '1'].map((id) => ({ __typename: 'Item', id })) },
      }),
    },
    prices: prices(() => ({
      data: { _entities: [{ _as_cost: null }, { _as_cost: 20 }] },
      errors: [
        { message: 'No price today', path: ['_entities', 0, '_as_cost'], extensions: { code: 'CLOSED' } },
      ],
    })),
  });
  const answer = await canned.ask('{ all: items { cost: price } }');
  expect(answer.data).toEqual({ all: [{ cost: null }, { cost: 20 }, { cost: null }] });
  expect(pathsOf(answer)).toEqual(['all.0.cost', 'all.2.cost']);
});

test('an error is found again under the alias of a batch', async () => {
  await using canned = await startCannedEngine({
    shop: {
      ...shop,
      answer: () => ({
        data: { items: [{ __typename: 'Item', id: '1' }], last: { __typename: 'Item', id: '9' } },
      }),
    },
    prices: prices(({ document }) => {
      const [first, second] = [...document.matchAll(/(_e\d): _entities/g)].map(([, alias]) => alias ?? '');
      const isName = document.indexOf('name') > document.indexOf(second ?? '') ? second : first;
      return {
        data: {
          [first ?? '']: [{ price: 1, name: 'a' }],
          [second ?? '']: [{ price: 1, name: 'a' }],
          [isName ?? '']: [null],
        },
        errors: [{ message: 'No name', path: [isName ?? '', 0, 'name'], extensions: { code: 'CLOSED' } }],
      };
    }),
  });
  const answer = await canned.ask('{ items { price } last { name } }');
  expect(answer.data).toEqual({ items: [{ price: 1 }], last: null });
  expect(pathsOf(answer)).toEqual(['last.name']);
});

test.each([
  ['null', [null, { price: 20, name: 'b' }]],
  ['missing from a list that is too long for it', [undefined, { price: 20, name: 'b' }]],
])(
  'an entity that is %s owes each of its fields one error, and the others keep their data',
  async (_, entities) => {
    await using canned = await startCannedEngine({
      shop,
      prices: prices(() => ({ data: { _entities: entities } })),
    });
    const answer = await canned.ask('{ items { id price } }');
    expect(answer.data).toEqual({
      items: [
        { id: '1', price: null },
        { id: '2', price: 20 },
        { id: '1', price: null },
      ],
    });
    expect(pathsOf(answer)).toEqual(['items.0.price', 'items.2.price']);
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'NOT_FOUND',
      details: { subgraph: 'prices', type: 'Item' },
    });
  },
);

test('entities beyond the end of a list that is too short owe their fields', async () => {
  await using canned = await startCannedEngine({
    shop,
    prices: prices(() => ({ data: { _entities: [{ price: 10 }] } })),
  });
  const answer = await canned.ask('{ items { price } }');
  expect(answer.data).toEqual({ items: [{ price: 10 }, { price: null }, { price: 10 }] });
  expect(pathsOf(answer)).toEqual(['items.1.price']);
});

test('an error that took a whole entity is shown once, where it arose', async () => {
  await using canned = await startCannedEngine({
    shop: { ...shop, answer: () => ({ data: { first: { __typename: 'Item', id: '1' } } }) },
    prices: prices(() => ({
      data: { _entities: [null] },
      errors: [{ message: 'No name', path: ['_entities', 0, 'name'], extensions: { code: 'CLOSED' } }],
    })),
  });
  const answer = await canned.ask('{ first { id price name } }');
  expect(answer.data).toEqual({ first: null });
  expect(pathsOf(answer)).toEqual(['first.name']);
});

test('a required value that is null is sent as null', async () => {
  await using canned = await startCannedEngine({
    shop: { ...shop, answer: () => ({ data: { first: { __typename: 'Item', id: '1', weight: null } } }) },
    prices: prices(() => ({ data: { _entities: [{ shipping: 3 }] } })),
  });
  const { data, errors } = await canned.ask('{ first { shipping } }');
  expect({ data, errors }).toEqual({ data: { first: { shipping: 3 } }, errors: undefined });
  expect(canned.received[1]?.variables['representations']).toEqual([
    { __typename: 'Item', id: '1', weight: null },
  ]);
});

test('what needs a value that failed has failed with it, and what does not need it has not', async () => {
  await using canned = await startCannedEngine({
    shop: {
      ...shop,
      answer: () => ({
        data: { first: { __typename: 'Item', id: '1', weight: null } },
        errors: [
          { message: 'The scales are broken', path: ['first', 'weight'], extensions: { code: 'BROKEN' } },
        ],
      }),
    },
    prices: prices(() => ({ data: { _entities: [{ shipping: 0, price: 10 }] } })),
  });
  const answer = await canned.ask('{ first { price shipping } }');
  expect(answer.data).toEqual({ first: { price: 10, shipping: null } });
  expect(answer.errors).toEqual([
    { message: 'The scales are broken', path: ['first', 'shipping'], extensions: { code: 'BROKEN' } },
  ]);
});

test('an alias may have the name of a key', async () => {
  await using canned = await startCannedEngine({
    shop: { ...shop, answer: () => ({ data: { first: { __typename: 'Item', id: '1', _as_id: 5 } } }) },
    prices: prices(() => ({ data: { _entities: [{ price: 10 }] } })),
  });
  const { data } = await canned.ask('{ first { id: weight price } }');
  expect(data).toEqual({ first: { id: 5, price: 10 } });
  expect(representationsOf(canned.received[1])).toEqual(['1']);
});
