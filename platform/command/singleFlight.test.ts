import { expect, test } from 'vitest';
import { systemPrincipal } from '../identity/principal.js';
import type { CommandRequest } from './commands.js';
import { createSingleFlight } from './singleFlight.js';

const request = (key: string | null, input: unknown = { a: 1 }, dryRun = false): CommandRequest => ({
  name: 'doIt',
  principal: systemPrincipal('tester'),
  requestId: 'request',
  correlationId: 'correlation',
  idempotencyKey: key,
  input,
  dryRun,
});

/** Runs that end when told to. */
function arrange() {
  const fly = createSingleFlight();
  let runs = 0;
  let land = () => {};
  const landed = new Promise<void>((resolve) => (land = resolve));
  const run = async () => {
    runs++;
    await landed;
    return runs;
  };
  return { fly, run, land, runs: () => runs };
}

test('a hundred identical requests at once run once and get one answer', async () => {
  const { fly, run, land, runs } = arrange();
  const answers = Array.from({ length: 100 }, () => fly(request('key'), run));
  land();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([1]));
  expect(runs()).toBe(1);
});

test('another input under a key that is under way is refused', async () => {
  const { fly, run, land } = arrange();
  const first = fly(request('key'), run);
  await expect(fly(request('key', { a: 2 }), run)).rejects.toMatchObject({
    extensions: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  land();
  await first;
});

test('a failed run is forgotten, so that a repeat runs again', async () => {
  const fly = createSingleFlight();
  await expect(fly(request('key'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await fly(request('key'), async () => 'yes')).toBe('yes');
});

test('requests without a key and dry runs share nothing', async () => {
  const { fly, run, land, runs } = arrange();
  const answers = [null, null].map((key) => fly(request(key), run));
  answers.push(fly(request('key', {}, true), run), fly(request('key', {}, true), run));
  land();
  await Promise.all(answers);
  expect(runs()).toBe(4);
});
