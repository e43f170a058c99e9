import { expect, test } from 'vitest';
import { startLocalPlanner } from '../test/federation/merged/localPlanner.js';
import { callContext, startCannedEngine, type CannedSubgraph } from '../test/testkit/cannedEngine.js';
import type { StartPlanner } from './planner/planner.js';
import type { SubgraphResponse } from './transports/transport.js';

const left: CannedSubgraph = {
  sdl: 'type Query { plain: Int size: Int } type Subscription { ticks: Int }',
  answer: () => ({ data: { plain: 7, size: 3 } }),
};
const right: CannedSubgraph = { sdl: 'type Query { other: Int }', answer: () => ({ data: { other: 5 } }) };
const wider: CannedSubgraph = { ...left, sdl: `${left.sdl} extend type Query { fresh: Int }` };

/** Planners that say which of them planned what, and which of them run. */
function watchedPlanners() {
  const planned: { planner: number; document: string }[] = [];
  const running = new Set<number>();
  let count = 0;
  const startPlanner: StartPlanner = async (supergraphSdl) => {
    const local = await startLocalPlanner(supergraphSdl);
    const planner = ++count;
    running.add(planner);
    return {
      ...local,
      plan(document, operationName) {
        if (!running.has(planner)) return Promise.reject(new Error('This planner has ended'));
        planned.push({ planner, document });
        return local.plan(document, operationName);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(void running.delete(planner)),
    };
  };
  return { planned, running, startPlanner };
}

const supergraphOf = async (subgraphs: Record<string, CannedSubgraph>) => {
  await using canned = await startCannedEngine(subgraphs);
  return canned.supergraphSdl;
};

test('what clients sent lately is planned before a reload is over, and by then alone', async () => {
  const { planned, startPlanner } = watchedPlanners();
  await using canned = await startCannedEngine({ left, right }, { startPlanner });
  const conditional = 'query ($more: Boolean!) { size plain @include(if: $more) }';
  await canned.ask('{ plain }');
  await canned.ask('{ other }');
  await canned.ask(conditional, { more: true });
  expect(planned.map(({ planner }) => planner)).toEqual([1, 1, 1]);

  await canned.engine.reload(await supergraphOf({ left: wider }));
  const again = planned.filter(({ planner }) => planner === 2);
  expect(again).toHaveLength(2);
  await canned.ask('{ plain }');
  expect((await canned.ask(conditional, { more: true })).data).toEqual({ size: 3, plain: 7 });
  expect(planned).toHaveLength(5);
  expect((await canned.ask('{ other }')).errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('a supergraph that cannot answer what clients rely on is refused, at a reload as at the start', async () => {
  const { running, startPlanner } = watchedPlanners();
  const options = { startPlanner, documents: ['{ plain }', '{ other }'] };
  await using canned = await startCannedEngine({ left, right }, options);
  const without = await supergraphOf({ left });
  await expect(canned.engine.reload(without)).rejects.toMatchObject({
    extensions: { code: 'BROKEN_SUPERGRAPH' },
    message: expect.stringContaining('Cannot query field "other"') as unknown,
  });
  expect((await canned.ask('{ other }')).data).toEqual({ other: 5 });
  await expect(startCannedEngine({ left }, options)).rejects.toThrow('other');
  expect([...running]).toEqual([1]);
});

test('what clients rely on is planned before the first request', async () => {
  const { planned, startPlanner } = watchedPlanners();
  await using canned = await startCannedEngine({ left, right }, { startPlanner, documents: ['{ plain }'] });
  expect(planned).toHaveLength(1);
  await canned.ask('{ plain }');
  expect(planned).toHaveLength(1);
});

test('a supergraph with a subgraph that nobody can reach is refused, and its planner ended', async () => {
  const { running, startPlanner } = watchedPlanners();
  const known = new Set(['left']);
  await using canned = await startCannedEngine(
    { left },
    {
      startPlanner,
      connect: ({ name }) => {
        if (!known.has(name)) throw new Error(`Where is ${name}?`);
        return {
          execute: () => Promise.resolve({}),
          subscribe: noEvents,
          [Symbol.asyncDispose]: async () => {},
        };
      },
    },
  );
  await expect(canned.engine.reload(await supergraphOf({ left, right }))).rejects.toThrow('Where is right?');
  expect([...running]).toEqual([1]);
});

const noEvents = () => {
  throw new Error('There are no events here');
};

test('a subscription goes on over a reload, and keeps no planner running', async () => {
  const { running, startPlanner } = watchedPlanners();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const events = async function* (): AsyncGenerator<SubgraphResponse> {
    yield { data: { ticks: 1 } };
    await released;
    yield { data: { ticks: 2 } };
  };
  await using canned = await startCannedEngine({ left: { ...left, events } }, { startPlanner });
  const ticks = canned.engine.subscribe({ query: 'subscription { ticks }' }, callContext());
  expect(await ticks.next()).toMatchObject({ value: { text: '{"data":{"ticks":1}}' } });

  await canned.engine.reload(await supergraphOf({ left: wider }));
  await expect.poll(() => [...running]).toEqual([2]);
  expect(canned.closed).toEqual([]);
  release();
  expect(await ticks.next()).toMatchObject({ value: { text: '{"data":{"ticks":2}}' } });
  await ticks.return?.();
});
