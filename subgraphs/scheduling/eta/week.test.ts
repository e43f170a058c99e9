import { expect, test } from 'vitest';
import { randomsOf } from '../../../test/testkit/randoms.js';
import { createPassWorld, H100, type PassWorld } from '../pass/pass.fixture.js';
import { createDurations } from './durations.js';
import { createEndings } from './endings.js';
import { forecast } from './forecast.js';
import { createEtaPromises, type EtaPromise } from './promises.js';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const FORECAST_EVERY_MS = HOUR_MS / 4;
const PROJECTS = ['vision', 'speech', 'language'];

function startWorld(): PassWorld {
  const world = createPassWorld(Date.parse('2026-11-16T00:00:00Z'));
  world.project('lab');
  world.quota('lab', 32);
  for (const id of PROJECTS) {
    world.project(id, 'lab');
    world.quota(id, 16);
  }
  world.cluster('ONLINE');
  for (const name of ['n1', 'n2', 'n3', 'n4']) world.node(name);
  return world;
}

/** More work by day than by night, and more than there are devices for at noon. */
function nextArrival(now: number, random: () => number): number {
  const hour = (now / HOUR_MS) % 24;
  const perHour = 3 + 7 * Math.max(0, Math.sin(((hour - 6) / 12) * Math.PI));
  return now + (-Math.log(1 - random()) / perHour) * HOUR_MS;
}

type Happening = { arrives: true } | { ends: string; part: number };

/** Plays a week of jobs that come, wait, run and end; returns every promise that was settled. */
function playWeek(seed: number): { settled: EtaPromise[]; hitRate: number | null } {
  const random = randomsOf(seed).next;
  const world = startWorld();
  const { pass, clock } = world;
  const durations = createDurations();
  const promises = createEtaPromises();
  const happenings = createEndings<Happening>();
  const settled: EtaPromise[] = [];
  const end = clock.now + WEEK_MS;
  let forecastAt = clock.now;
  happenings.add(nextArrival(clock.now, random), { arrives: true });

  function start(): void {
    for (const jobId of world.start()) {
      const job = pass.jobs().get(jobId);
      const promise = promises.settle(jobId, clock.now);
      if (promise) settled.push(promise);
      // Most use a third of what they asked for, some all of it.
      const part = Math.min(
        1,
        Math.exp(-1.1 + 0.8 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
      );
      happenings.add(clock.now + part * (job?.maxRuntimeSeconds ?? 0) * 1_000, { ends: jobId, part });
    }
  }

  for (let next = happenings.take(); next && next[0] < end; next = happenings.take()) {
    const [at, happening] = next;
    clock.now = at;
    if ('ends' in happening) {
      const job = pass.jobs().get(happening.ends);
      const { projectId = '', maxRuntimeSeconds = 0 } = job ?? {};
      durations.add({
        projectId,
        gpuModelId: H100,
        seconds: happening.part * maxRuntimeSeconds,
        maxRuntimeSeconds,
      });
      world.finish(happening.ends);
    } else {
      world.submit({
        projectId: PROJECTS[Math.floor(random() * PROJECTS.length)] ?? '',
        count: [1, 1, 2, 4, 8][Math.floor(random() * 5)] ?? 1,
        priority: random() < 0.1 ? 10 : 0,
        maxRuntimeSeconds: ([1, 2, 4, 8][Math.floor(random() * 4)] as number) * 3_600,
      });
      happenings.add(nextArrival(at, random), { arrives: true });
    }
    start();
    const isNew = [...pass.jobs().values()].some(({ id, phase }) => phase === 'QUEUED' && !promises.has(id));
    if (at < forecastAt || !isNew) continue;
    forecastAt = at + FORECAST_EVERY_MS;
    const reckoning = forecast({ pass, durations, promises, now: at, random });
    let step = reckoning.next();
    while (!step.done) step = reckoning.next();
    for (const promise of step.value.promises) promises.add(promise);
  }
  return { settled, hitRate: promises.hitRate('queue_vision', clock.now) };
}

test('in a week of jobs nine of ten start by their p90, and half by their p50', () => {
  const { settled, hitRate } = playWeek(1);
  const kept = settled.filter(({ startedAt, p90 }) => (startedAt ?? Infinity) <= p90).length / settled.length;
  const p50s = settled.filter(({ p50 }) => p50 !== null);
  const half = p50s.filter(({ startedAt, p50 }) => (startedAt ?? 0) <= (p50 ?? 0)).length / p50s.length;
  expect(settled.length).toBeGreaterThan(100);
  expect(kept).toBeGreaterThanOrEqual(0.85);
  expect(half).toBeGreaterThan(0.35);
  expect(half).toBeLessThan(0.65);
  expect(hitRate).toBeGreaterThanOrEqual(0.8);
}, 60_000);
