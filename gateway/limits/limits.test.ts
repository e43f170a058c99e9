import { expect, test } from 'vitest';
import { createLimits, defaultLimits } from './limits.js';
import type { Measure } from './errors.js';

const sdl = /* GraphQL */ `
  directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT | SCALAR | ARGUMENT_DEFINITION
  directive @listSize(
    assumedSize: Int
    slicingArguments: [String!]
    sizedFields: [String!]
  ) on FIELD_DEFINITION
  type Query {
    shelf: Shelf
    books(first: Int = 20): BookConnection
    top(limit: Int): [Book!] @listSize(assumedSize: 7, slicingArguments: ["limit"])
    all: [Book!]
    report(deep: Boolean @cost(weight: 3)): Int @cost(weight: 40)
  }
  type Mutation {
    addBook: Book
  }
  type Shelf {
    shelf: Shelf
    name: String
  }
  type BookConnection {
    edges: [BookEdge!]!
    nodes: [Book!]!
  }
  type BookEdge {
    node: Book
  }
  type Book {
    title: String
    chapters: [Chapter!]
    related(first: Int = 20): BookConnection
  }
  type Chapter @cost(weight: 2) {
    title: String
  }
`;

const limitsOf = (measure: Measure, max: number) => createLimits(sdl, { ...defaultLimits, [measure]: max });
const tooComplex = (measure: Measure, need: number | null, limit: number) =>
  expect.objectContaining({
    extensions: expect.objectContaining({ code: 'QUERY_TOO_COMPLEX', details: { measure, need, limit } }),
  });
const repeat = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => write(i)).join(' ');

const documents: Record<Exclude<Measure, 'tokens' | 'cost'>, (size: number) => string> = {
  depth: (size) => `{ ${repeat(size - 1, () => 'shelf {')} name ${repeat(size - 1, () => '}')} }`,
  aliases: (size) => `{ ${repeat(size, (index) => `a${index}: shelf { name }`)} }`,
  rootFields: (size) => `{ ...roots } fragment roots on Query { ${repeat(size, () => 'shelf { name }')} }`,
  directives: (size) => `{ shelf { name ${repeat(size, () => '@include(if: true)')} } }`,
  fragments: (size) => `{ shelf { ${repeat(size, () => '... { name }')} } }`,
  variables: (size) => `query (${repeat(size, (index) => `$v${index}: Int`)}) { shelf { name } }`,
};

test.each(Object.entries(documents))(
  'a document at the limit of %s passes, one more is refused',
  (name, write) => {
    const measure = name as keyof typeof documents;
    const limits = limitsOf(measure, 5);
    expect(limits.inspect({ query: write(5) })).not.toBeNull();
    expect(() => limits.inspect({ query: write(6) })).toThrow(tooComplex(measure, 6, 5));
  },
);

test('a document of as many tokens as allowed passes, one more is refused', () => {
  const limits = limitsOf('tokens', 5);
  expect(limits.inspect({ query: '{ a b c }' })).not.toBeNull();
  expect(() => limits.inspect({ query: '{ a b c d }' })).toThrow(tooComplex('tokens', null, 5));
});

test('a document whose predicted cost is the budget passes, one more is refused', () => {
  const query = 'query ($first: Int!) { books(first: $first) { nodes { title } } }';
  const limits = limitsOf('cost', 11);
  expect(limits.inspect({ query, variables: { first: 10 } })).not.toBeNull();
  expect(() => limits.inspect({ query, variables: { first: 11 } })).toThrow(tooComplex('cost', 12, 11));
});

const cost = (query: string, variables: Record<string, unknown> = {}): unknown => {
  try {
    createLimits(sdl, { ...defaultLimits, depth: 100, tokens: 5_000, cost: -1 }).inspect({
      query,
      variables,
    });
  } catch (error) {
    return (error as { extensions: { details: { need: number } } }).extensions.details.need;
  }
  return null;
};

test.each([
  ['an object costs one, a leaf nothing', '{ shelf { name shelf { name } } }', 2],
  ['introspection is free', '{ __schema { types { name } } __typename }', 0],
  ['a connection has the size asked for', '{ books(first: 3) { edges { node { title } } } }', 1 + 3 * 2],
  ['a connection has its default size', '{ books { nodes { title } } }', 1 + 20],
  ['a list without any hint is taken to be as long as allowed', '{ all { title } }', 100],
  ['lists multiply', '{ all { chapters { title } } }', 100 * (1 + 100 * 2)],
  ['an assumed size holds where no argument is given', '{ top { title } }', 7],
  ['a slicing argument sets the size', '{ top(limit: 4) { title } }', 4],
  ['fields and arguments have their own weights', '{ report(deep: true) }', 43],
  ['a mutation costs ten more', 'mutation { addBook { title } }', 11],
  [
    'fragments cost where they are spread',
    '{ books(first: 3) { ...f } } fragment f on BookConnection { nodes { title } }',
    4,
  ],
  ['what the schema does not know is free', '{ nothing { here } }', 0],
])('%s', (_title, query, expected) => {
  expect(cost(query)).toBe(expected);
});

test.each([
  [{ n: 5 }, 1 + 5],
  [{}, 1 + 8],
  [{ n: null }, 1 + 100],
  [{ n: -5 }, 1],
])('a list is sized by the variable %j, or by its default', (variables, expected) => {
  expect(cost('query ($n: Int = 8) { books(first: $n) { nodes { title } } }', variables)).toBe(expected);
});

test('fragments that double each other are refused at once', () => {
  const chain = repeat(24, (index) => {
    const next = `related(first: $n) { nodes { ...f${index + 1} } }`;
    return `fragment f${index} on Book { ${next} x: ${next} }`;
  });
  const query = `query ($n: Int) { all { ...f0 } } ${chain} fragment f24 on Book { title }`;
  const started = performance.now();
  expect(cost(query, { n: 1 })).toBeGreaterThan(defaultLimits.cost);
  expect(performance.now() - started).toBeLessThan(500);
});

test('values and fields that are nested as deeply as the tokens allow are no danger', () => {
  const limits = createLimits(sdl);
  const values = `{ all(a: ${'['.repeat(990)}${']'.repeat(990)}) { title } }`;
  expect(limits.inspect({ query: values })).not.toBeNull();
  expect(limits.inspect({ query: `${'{ a '.repeat(990)}` })).toBeNull();
});

test.each([
  ['a syntax error', '{'],
  ['no operation', 'fragment f on Query { shelf { name } }'],
  ['several operations and no name', 'query A { __typename } query B { __typename }'],
])('%s is left to whoever executes', (_title, query) => {
  expect(createLimits(sdl).inspect({ query })).toBeNull();
});

test('a fragment that spreads itself is left to validation', () => {
  expect(
    createLimits(sdl).inspect({ query: '{ shelf { ...f } } fragment f on Shelf { shelf { ...f } }' }),
  ).not.toBeNull();
});

test.each([
  ['{ __typename __schema { types { name } } }', true],
  ['{ ... { __type(name: "Book") { name } } }', true],
  ['{ __typename shelf { name } }', false],
  ['{ ...f } fragment f on Query { __typename }', false],
  ['mutation { __typename }', false],
])('%s tells no more than what the API looks like: %s', (query, metaOnly) => {
  expect(createLimits(sdl).inspect({ query })?.metaOnly).toBe(metaOnly);
});
