import { expect, test } from 'vitest';
import { randomsOf } from '../../../test/testkit/randoms.js';
import { createPassWorld, H100, type PassWorld } from '../pass/pass.fixture.js';
import { createDurations, drawRemaining } from './durations.js';
import { type Expected, forecast } from './forecast.js';
import { createEtaPromises, type EtaPromise } from './promises.js';

const HOUR_S = 3_600;

/** One node of eight, which a job has for two hours at most. */
function busy(): PassWorld {
  const world = createPassWorld();
  world.project('vision');
  world.quota('vision', 8);
  world.cluster('ONLINE');
  world.node('n1');
  world.submit({ projectId: 'vision', count: 8, maxRuntimeSeconds: 2 * HOUR_S });
  world.start();
  return world;
}

/** Runs of the project that used the given part of their limits. */
function history(part: number, runs = 30) {
  const durations = createDurations();
  const run = { projectId: 'vision', gpuModelId: H100, maxRuntimeSeconds: HOUR_S };
  for (let count = 0; count < runs; count++) durations.add({ ...run, seconds: part * HOUR_S });
  return durations;
}

function reckon({ pass, clock }: PassWorld, durations = history(0.5), promises = createEtaPromises()) {
  const random = randomsOf(1).next;
  const reckoning = forecast({ pass, durations, promises, now: clock.now, random });
  let step = reckoning.next();
  while (!step.done) step = reckoning.next();
  return step.value;
}

const hoursAfter = ({ clock }: PassWorld, at: number | null | undefined) =>
  at == null ? null : (at - clock.now) / 1_000 / HOUR_S;

test('a job is expected once what runs before it has ended as such runs do', () => {
  const world = busy();
  const [next, last] = [1, 2].map(() =>
    world.submit({ projectId: 'vision', count: 8, maxRuntimeSeconds: 2 * HOUR_S }),
  ) as [string, string];
  world.start();
  const { expected } = reckon(world);
  // Runs end after half of their limit: one hour each. The later time is stretched by half as long as nothing is known.
  expect(hoursAfter(world, expected.get(next)?.p50)).toBeCloseTo(1, 3);
  expect(hoursAfter(world, expected.get(next)?.p90)).toBeCloseTo(1.5, 3);
  expect(hoursAfter(world, expected.get(last)?.p50)).toBeCloseTo(2, 3);
});

test('without history there is no middle, and the limits say the latest', () => {
  const world = busy();
  const job = world.submit({ projectId: 'vision', count: 8 });
  world.start();
  const eta = reckon(world, createDurations()).expected.get(job) as Expected;
  expect(eta.p50).toBeNull();
  expect(hoursAfter(world, eta.p90)).toBeCloseTo(2, 3);
  expect(eta.reason).toMatch(/Too few jobs have finished/);
});

test('there is no time where no work that ends is in the way, and the reason says so', () => {
  const world = createPassWorld();
  world.project('vision');
  world.quota('vision', 8);
  world.cluster('ONLINE');
  world.node('n1');
  world.node('n2');
  world.occupy('vision', 16);
  const behindInstances = world.submit({ projectId: 'vision', count: 8 });
  const overNominal = world.submit({ projectId: 'vision', count: 16 });
  world.start();
  const { expected, promises } = reckon(world);
  expect(expected.get(behindInstances)).toEqual({
    p50: null,
    p90: null,
    reason: expect.stringMatching(/no end that is known/),
  });
  expect(expected.get(overNominal)).toEqual({ p50: null, p90: null, reason: expect.stringMatching(/QUOTA/) });
  expect(promises).toEqual([]);
});

test('what runs for long already is not expected to end when most do', () => {
  const durations = [0.1, 0.2, 0.3, 0.9];
  expect(drawRemaining(durations, 100, 50, 0)).toBeCloseTo(40);
  expect(drawRemaining(durations, 100, 0, 0.999)).toBeCloseTo(90);
  expect(drawRemaining(durations, 100, 95, 0.5)).toBeCloseTo(5);
  expect(drawRemaining([], 100, 0, 0.5)).toBe(100);
});

test('a promise is made once per attempt, and settled when the job gets its devices', () => {
  const world = busy();
  const job = world.submit({ projectId: 'vision', count: 8 });
  world.start();
  const promises = createEtaPromises();
  const [made] = reckon(world, history(0.5), promises).promises;
  promises.add(made as EtaPromise);
  expect(reckon(world, history(0.5), promises).promises).toEqual([]);
  const { madeAt, p90 } = made as EtaPromise;
  expect(promises.hitRate('queue_vision', madeAt)).toBeNull();
  expect(promises.hitRate('queue_vision', p90 + 1)).toBe(0);
  expect(promises.settle(job, p90)).toMatchObject({ jobId: job, startedAt: p90 });
  expect(promises.hitRate('queue_vision', p90 + 1)).toBe(1);
});

test('promises are stretched by as much as the latest would have needed', () => {
  const promises = createEtaPromises();
  const promise = { attempt: 1, queueId: 'queue', madeAt: 0, p50: 10_000, p90: 20_000 };
  for (let count = 1; count <= 100; count++)
    promises.add({ ...promise, jobId: `job_${count}`, stretch50: 1, stretch90: 2, startedAt: count * 1_000 });
  const { stretch50, stretch90 } = promises.stretches(200_000);
  // Half had started after 51 s where 10 s were reckoned, nine of ten after 91 s where 10 s (20 s by twice) were.
  expect(stretch50).toBeCloseTo(5.1);
  expect(stretch90).toBeCloseTo(9.1);
});
