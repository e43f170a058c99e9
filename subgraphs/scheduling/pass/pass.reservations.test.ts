import { expect, test } from 'vitest';
import { until } from '../../../test/testkit/until.js';
import { createReservations } from './pass.reservations.js';
import type { JobPick } from './schedulingPass.js';

const picksOf = (count: number): JobPick[] =>
  Array.from({ length: count }, (_, n) => ({
    jobId: `job_${n}`,
    attempt: 1,
    gpuModelId: 'h100',
    decisionId: 'd',
  }));

/** Reservations that are answered by hand. */
function arrange(isLeading: boolean) {
  const world = {
    isLeading,
    reserving: new Map<string, () => void>(),
    listening: new Map<string, (isHeard: boolean) => void>(),
    answers: [] as string[],
    failures: 0,
  };
  const reservations = createReservations({
    isLeading: () => world.isLeading,
    reserve: (jobId) =>
      new Promise((resolve) => world.reserving.set(jobId, () => resolve({ outcome: 'RESERVED' }))),
    isHeardOf: ({ jobId }) => new Promise((resolve) => world.listening.set(jobId, resolve)),
    answer: ({ jobId }, { outcome }) => void world.answers.push(`${jobId} ${outcome}`),
    begin: (task) => void task.catch(() => world.failures++),
  });
  return Object.assign(world, { reservations });
}

test('the leader reserves a few at a time, in the order in which they were picked', async () => {
  const world = arrange(true);
  world.reservations.add(picksOf(6));
  expect([...world.reserving.keys()]).toEqual(['job_0', 'job_1', 'job_2', 'job_3']);
  world.reserving.get('job_2')?.();
  await until('the next is begun', () => world.reserving.size === 5);
  expect(world.answers).toEqual(['job_2 RESERVED']);
});

test('who does not lead reserves nothing: it waits to hear of all, and forgets what is not heard of', async () => {
  const world = arrange(false);
  world.reservations.add(picksOf(6));
  expect([world.listening.size, world.reserving.size]).toEqual([6, 0]);
  world.listening.get('job_5')?.(true);
  world.listening.get('job_1')?.(false);
  await until('both are answered', () => world.answers.length === 2);
  expect(world.answers).toEqual(['job_5 RESERVED', 'job_1 MOVED_ON']);
});

test('who leads by the time reserves what it has not heard of', async () => {
  const world = arrange(false);
  world.reservations.add(picksOf(2));
  world.isLeading = true;
  world.listening.get('job_0')?.(true);
  world.listening.get('job_1')?.(false);
  await until('it reserves', () => world.reserving.size === 1);
  world.reserving.get('job_1')?.();
  await until('both are answered', () => world.answers.length === 2);
  expect(world.answers).toEqual(['job_0 RESERVED', 'job_1 RESERVED']);
});
