import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Caller, dataOf } from '../../../test/testkit/subgraphHarness.js';
import { addProject, type BillingHarness, finops, startBilling } from '../billing.fixture.js';

const MODELS = ['h100', 'a100', 'l40s', 'unpriced'];
const OWNERS = ['instance_1', 'instance_2', 'job_1', 'job_2', 'deployment_1'];
const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const END = START + 30 * DAY;
const NANO = 1_000_000_000n;

const time = fc.integer({ min: START, max: END });
const window = fc
  .uniqueArray(time, { minLength: 2, maxLength: 2 })
  .map((edges) => edges.toSorted((a, b) => a - b) as [number, number]);
const price = fc.bigInt({ min: 0n, max: 20n * NANO });
const used = fc.record({
  from: time,
  length: fc.option(fc.nat(5 * DAY)),
  gpuModelId: fc.constantFrom(...MODELS),
  ownerId: fc.constantFrom(...OWNERS),
  project: fc.nat(2),
  basisPoints: fc.constantFrom(10_000, 10_000, 2_500, 1_429),
});
const world = fc.record({
  usages: fc.array(used, { minLength: 1, maxLength: 40 }),
  books: fc.uniqueArray(fc.record({ from: time, prices: fc.tuple(price, price, price) }), {
    maxLength: 4,
    selector: ({ from }) => from,
  }),
  windows: fc.array(window, { minLength: 3, maxLength: 3 }),
});
type World = typeof world extends fc.Arbitrary<infer Drawn> ? Drawn : never;
type Used = World['usages'][number];

const DIMENSIONS = ['GPU_MODEL', 'OWNER', 'OWNER_KIND', 'PROJECT', 'PRICE_BOOK'];
const QUERY = `query ($id: ID!, $from: DateTime!, $to: DateTime!) {
  _entities(representations: [{ __typename: "Project", id: $id }]) { ... on Project {
    cost(window: { from: $from, to: $to }) {
      total { amount } gpuSeconds
      ${DIMENSIONS.map((by) => `${by}: groups(by: ${by}) { key amount { amount } gpuSeconds }`).join('\n')}
    }
  } }
}`;

type Group = { key: string; amount: { amount: string }; gpuSeconds: string };
type ProjectCost = { total: { amount: string }; gpuSeconds: string } & Record<string, Group[]>;

async function costOf(call: Caller, id: string, [from, to]: [number, number]): Promise<ProjectCost> {
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const { _entities } = dataOf<{ _entities: [{ cost: ProjectCost }] }>(await call(QUERY, { id, ...span }));
  return _entities[0].cost;
}

/** Decimal text with at most nine decimals as billionths. */
function toNanos(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  expect(fraction.length).toBeLessThanOrEqual(9);
  return BigInt(whole) * NANO + BigInt(fraction.padEnd(9, '0'));
}

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n);

function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  return quotient + (twice > divisor || (twice === divisor && quotient % 2n === 1n) ? 1n : 0n);
}

/** In integers: milliseconds × price × share ÷ an hour, from where the allocation came under the book. */
function nanosOf(usage: Used, books: World['books'], [from, to]: [number, number]): bigint {
  const model = MODELS.indexOf(usage.gpuModelId);
  const end = usage.length === null ? Infinity : usage.from + usage.length;
  return sum(
    books.map((book, index) => {
      const began = Math.max(usage.from, book.from);
      const left = Math.min(end, books[index + 1]?.from ?? Infinity);
      const first = Math.min(Math.max(began, from), left);
      const last = Math.max(Math.min(left, to), first);
      if (first < began || last <= first) return 0n;
      const upTo = (at: number) =>
        divideHalfEven(
          BigInt(at - began) * (book.prices[model] ?? 0n) * BigInt(usage.basisPoints),
          3_600_000n * 10_000n,
        );
      return upTo(last) - upTo(first);
    }),
  );
}

const decimalOf = (nanos: bigint): string => {
  const text = String(nanos).padStart(10, '0');
  return `${text.slice(0, -9)}.${text.slice(-9)}`.replace(/\.?0+$/, '');
};

/** The world as billing would have learnt it, in projects of its own. */
async function store(harness: BillingHarness, { usages, books }: World): Promise<string[]> {
  const { prisma } = harness.database;
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const projects = [root, child, await addProject(harness, child)];
  await harness.as(finops())('{ activePriceBook { id } }');
  await prisma.priceBook.deleteMany();
  const at = new Date(START);
  const entity = { version: 1, createdAt: at, createdBy: {}, updatedAt: at };
  await prisma.priceBook.createMany({
    data: books.map(({ from, prices }) => {
      const rates = prices.map((perHour, index) => ({
        gpuModelId: MODELS[index],
        perHour: decimalOf(perHour),
      }));
      const id = randomUUID();
      return { ...entity, id, name: id, inForceFrom: new Date(from), state: { rates } };
    }),
  });
  await prisma.usage.createMany({
    data: usages.map(({ from, length, project, ...usage }) => ({
      ...usage,
      allocationId: randomUUID(),
      ownerKind: usage.ownerId.split('_')[0]?.toUpperCase() ?? '',
      projectId: projects[project] ?? '',
      from: new Date(from),
      to: length === null ? null : new Date(from + length),
    })),
  });
  return projects;
}

test('in any window and under any prices, every grouping adds up to the total, which is what integers say', async () => {
  await using harness = await startBilling();
  const call = harness.as(finops());
  await fc.assert(
    fc.asyncProperty(world, async (drawn) => {
      const [root = ''] = await store(harness, drawn);
      const books = drawn.books.toSorted((a, b) => a.from - b.from);
      for (const span of drawn.windows) {
        const cost = await costOf(call, root, span);
        const expected = sum(drawn.usages.map((usage) => nanosOf(usage, books, span)));
        expect(cost.total.amount).toBe(decimalOf(expected));
        for (const by of DIMENSIONS) {
          const groups = cost[by] ?? [];
          expect(sum(groups.map(({ amount }) => toNanos(amount.amount)))).toBe(expected);
          expect(sum(groups.map((group) => toNanos(group.gpuSeconds)))).toBe(toNanos(cost.gpuSeconds));
          expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
        }
      }
    }),
    { numRuns: 12 },
  );
});

test('the costs of adjacent windows add up to that of both, to the last digit', async () => {
  await using harness = await startBilling();
  const call = harness.as(finops());
  await fc.assert(
    fc.asyncProperty(world, time, async (drawn, cut) => {
      const [root = ''] = await store(harness, drawn);
      const amount = async (from: number, to: number) =>
        from === to ? 0n : toNanos((await costOf(call, root, [from, to])).total.amount);
      expect((await amount(START, cut)) + (await amount(cut, END))).toBe(await amount(START, END));
    }),
    { numRuns: 6 },
  );
});
