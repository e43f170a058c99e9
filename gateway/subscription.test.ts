import { expect, test } from 'vitest';
import {
  callContext,
  startCannedEngine,
  type Answer,
  type CannedSubgraph,
} from '../test/testkit/cannedEngine.js';
import { until } from '../test/testkit/until.js';
import type { TextResult } from './engine.js';
import { createEventQueue } from './transports/eventQueue.js';
import type { SubgraphResponse } from './transports/transport.js';

const QUERY = 'subscription ($from: Int) { ticks(from: $from) { id size label } }';

/** A subgraph whose events a test sends by hand, beside one that completes them. */
function arrange(label: CannedSubgraph['answer'] = () => ({ data: { _entities: [{ label: 'one' }] } })) {
  const seen = { left: 0, variables: [] as unknown[] };
  const queue = createEventQueue<SubgraphResponse>(() => (seen.left += 1));
  const clock: CannedSubgraph = {
    sdl: `
      type Query { now: Int }
      type Subscription { ticks(from: Int): Item }
      type Item @key(fields: "id") { id: ID! size: Int }`,
    events: ({ variables }) => {
      seen.variables.push(variables);
      return queue.iterator;
    },
  };
  const labels: CannedSubgraph = {
    sdl: 'type Query { other: Int } type Item @key(fields: "id") { id: ID! label: String }',
    answer: label,
  };
  return { queue, seen, subgraphs: { clock, labels } };
}

const tick = (id: string, size: number | null = 1): SubgraphResponse => ({
  data: { ticks: { __typename: 'Item', id, size } },
});

const answerOf = ({ value }: IteratorResult<TextResult>) => JSON.parse((value as TextResult).text) as Answer;

test('each event is completed by the other subgraphs and comes in order', async () => {
  const { queue, seen, subgraphs } = arrange(({ variables }) => ({
    data: { _entities: [{ label: `label ${JSON.stringify(variables['representations'])}` }] },
  }));
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY, variables: { from: 7 } }, callContext());
  queue.push(tick('1'));
  queue.push(tick('2'));
  queue.end();
  const ids: unknown[] = [];
  for await (const { text, ok } of events) ids.push([ok, (JSON.parse(text) as Answer).data?.['ticks']]);
  const item = (id: string) => ({ id, size: 1, label: `label [{"__typename":"Item","id":"${id}"}]` });
  expect(ids).toEqual([
    [true, item('1')],
    [true, item('2')],
  ]);
  expect(seen.variables).toEqual([{ from: 7 }]);
});

test('one event’s errors do not come back in the next', async () => {
  let calls = 0;
  const { queue, subgraphs } = arrange(() => {
    calls += 1;
    if (calls === 2) throw new Error('lost for a moment');
    return { data: { _entities: [{ label: 'one' }] } };
  });
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  queue.push(tick('1'));
  queue.push({
    ...tick('2', null),
    errors: [{ message: 'No size', path: ['ticks', 'size'], extensions: { code: 'NONE' } }],
  });
  queue.push(tick('3'));
  const [first, second, third] = [
    answerOf(await events.next()),
    answerOf(await events.next()),
    answerOf(await events.next()),
  ];
  await events.return?.();
  expect(first).toEqual({ data: { ticks: { id: '1', size: 1, label: 'one' } } });
  expect(second.data).toEqual({ ticks: { id: '2', size: null, label: null } });
  expect(second.errors?.map(({ path }) => path?.join('.'))).toEqual(['ticks.size', 'ticks.label']);
  expect(third).toEqual({ data: { ticks: { id: '3', size: 1, label: 'one' } } });
});

test('an event without data is one error, and the next event is whole', async () => {
  const { queue, subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  queue.push({ data: null, errors: [{ message: 'Skipped', extensions: { code: 'SKIPPED' } }] });
  queue.push(tick('2'));
  const first = answerOf(await events.next());
  expect(first.data).toEqual({ ticks: null });
  expect(first.errors).toMatchObject([{ path: ['ticks'], extensions: { code: 'SKIPPED' } }]);
  expect(answerOf(await events.next()).data).toEqual({ ticks: { id: '2', size: 1, label: 'one' } });
  await events.return?.();
});

test('a lost subgraph is the last result, and says nothing of its address', async () => {
  const { queue, subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  queue.push(tick('1'));
  queue.fail(new Error('socket closed by 10.0.0.9'));
  expect((await events.next()).value).toMatchObject({ ok: true });
  const last = await events.next();
  expect(last.value).toMatchObject({ ok: false });
  expect(answerOf(last).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
  expect(JSON.stringify(last)).not.toContain('10.0.0.9');
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('leaving reaches the subgraph at once, also while an event is awaited', async () => {
  const { seen, subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  const pending = events.next();
  await until('the subgraph is subscribed to', () => seen.variables.length === 1);
  await events.return?.();
  expect(seen.left).toBe(1);
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('leaving before the first event is asked for never subscribes', async () => {
  const { seen, subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  await events.return?.();
  expect(await events.next()).toEqual({ done: true, value: undefined });
  expect(seen.variables).toEqual([]);
});

test('a subscription that cannot run yields its errors once and ends', async () => {
  const { subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const results: TextResult[] = [];
  for await (const result of canned.engine.subscribe({ query: 'subscription { nothing }' }, callContext()))
    results.push(result);
  expect(results).toMatchObject([{ ok: false }]);
  expect(results[0]?.text).toContain('GRAPHQL_VALIDATION_FAILED');
});

test('a query has no events', async () => {
  const { subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: '{ now }' }, callContext());
  expect((await events.next()).value).toMatchObject({ ok: false });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('a subscription under way keeps its supergraph across a reload', async () => {
  const { queue, subgraphs } = arrange();
  await using canned = await startCannedEngine(subgraphs);
  const events = canned.engine.subscribe({ query: QUERY }, callContext());
  queue.push(tick('1'));
  await events.next();
  await canned.engine.reload(canned.supergraphSdl);
  queue.push(tick('2'));
  expect(answerOf(await events.next()).data).toEqual({ ticks: { id: '2', size: 1, label: 'one' } });
  await events.return?.();
});
