import { expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  H100,
  people,
  requested,
  requestOf,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';
import { createMetricHistory } from './history.repository.js';
import { MEASURES, type Reading } from './reading.js';

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;
const DEVICE = 'eu-1/h100-1/0';
const MINUTE_MS = 60_000;

const HISTORY = `query ($selector: GpuMetricSelector!, $window: GpuMetricWindowInput!, $step: GpuMetricStep) {
  gpuMetricHistory(selector: $selector, window: $window, step: $step) {
    at skipped powerW energyKwh gpu { id } instance { id } job { id } } }`;

type Sample = {
  at: string;
  powerW: number | null;
  energyKwh: number | null;
  instance: { id: string } | null;
};

/** Variables as they come over the wire. */
const ask = (harness: ResourcesHarness, who: Principal, variables: Record<string, unknown>) =>
  harness.as(who)(HISTORY, JSON.parse(JSON.stringify(variables)) as Record<string, unknown>);
const read = async (harness: ResourcesHarness, who: Principal, variables: Record<string, unknown>) =>
  dataOf<{ gpuMetricHistory: Sample[] }>(await ask(harness, who, variables)).gpuMetricHistory;

/** Steps of ten seconds in two of three minutes, the middle one left out. */
async function startWithHistory() {
  const harness = await startResources();
  const history = createMetricHistory(harness.database.prisma);
  const fromMs = Math.floor((Date.now() - 10 * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  const rollup = (second: number, samples: number, powerW: number, energyKwh: number) => ({
    gpuId: DEVICE,
    atMs: fromMs + second * 1_000,
    samples,
    reading: { ...nothing, powerW, energyKwh },
  });
  await history.write([rollup(0, 10, 100, 1), rollup(50, 30, 200, 2), rollup(130, 10, 500, 3)]);
  await history.condenseSince(new Date(fromMs));
  const window = { from: new Date(fromMs), to: new Date(fromMs + 3 * MINUTE_MS) };
  return Object.assign(harness, { history, window });
}

test('history is read in steps, coarser ones weighted by what was seen, and a gap is a gap', async () => {
  await using harness = await startWithHistory();
  const { window } = harness;
  const selector = { gpuIds: [DEVICE] };
  const minutes = await read(harness, people.researcher, { selector, window, step: 'MINUTE' });
  expect(minutes.map(({ powerW, energyKwh }) => [powerW, energyKwh])).toEqual([
    [175, 2],
    [null, null],
    [500, 3],
  ]);
  expect(minutes[0]?.at).toBe(window.from.toISOString());
  const fine = await read(harness, people.researcher, { selector, window, step: 'TEN_SECONDS' });
  expect(fine).toHaveLength(18);
  expect(fine.filter(({ powerW }) => powerW !== null)).toHaveLength(3);

  await harness.history.condenseSince(window.from);
  expect(await read(harness, people.researcher, { selector, window, step: 'MINUTE' })).toEqual(minutes);
});

test('of two that tell of the same step the one that saw more stays', async () => {
  await using harness = await startWithHistory();
  const { window, history } = harness;
  const told = (samples: number, powerW: number) => ({
    gpuId: DEVICE,
    atMs: window.from.getTime(),
    samples,
    reading: { ...nothing, powerW },
  });
  await history.write([told(3, 900)]);
  await history.write([told(12, 300)]);
  const [first] = await history.read([DEVICE], 10, window);
  expect(first?.reading.powerW).toBe(300);
});

test('each step is kept for its time and then forgotten', async () => {
  await using harness = await startWithHistory();
  const { window, history } = harness;
  const hoursLater = (hours: number) => history.expire(new Date(window.to.getTime() + hours * 3_600_000));
  const counts = async () =>
    [await history.read([DEVICE], 10, window), await history.read([DEVICE], 60, window)].map(
      ({ length }) => length,
    );
  await hoursLater(5);
  expect(await counts()).toEqual([3, 2]);
  await hoursLater(7);
  expect(await counts()).toEqual([0, 2]);
  await hoursLater(24 * 15);
  expect(await counts()).toEqual([0, 0]);
});

test('the history of an instance begins when it got its devices, and is for those who see into its project', async () => {
  await using harness = await startWithHistory();
  const gpu = { modelIn: [H100], count: 2 };
  const { instance } = await requested(harness.as(people.researcher), requestOf({ gpu }));
  const window = { from: harness.window.from, to: new Date(Date.now() + 3_600_000) };
  const selector = { instanceId: instance.id };
  const samples = await read(harness, people.colleague, { selector, window, step: 'MINUTE' });
  expect(samples.length).toBeGreaterThanOrEqual(2);
  expect(samples.length).toBeLessThanOrEqual(4);
  for (const sample of samples) expect(sample.instance).toEqual({ id: instance.id });
  const refusal = async (variables: Record<string, unknown>, who: Principal = people.researcher) =>
    refusalOf(await ask(harness, who, { window, ...variables }))?.['code'];
  expect(await refusal({ selector }, people.stranger)).toBe('NOT_FOUND');
  expect(await refusal({ selector: {} })).toBe('BAD_USER_INPUT');
  const backwards = { from: window.to, to: window.from };
  expect(await refusal({ selector: { nodeId: 'eu-1/h100-1' }, window: backwards })).toBe('BAD_USER_INPUT');
  const year = { from: new Date(Date.now() - 365 * 86_400_000), to: new Date() };
  const tooMuch = { selector: { nodeId: 'eu-1/h100-1' }, window: year, step: 'TEN_SECONDS' };
  expect(await refusal(tooMuch)).toBe('BAD_USER_INPUT');
});
