import { expect, test } from 'vitest';
import { createBegun } from './begun.js';
import { sentenceOf } from './blockers.js';
import { eventually } from './eventually.js';
import { follow } from './feed.js';
import { costOf, shown, sum } from './money.js';
import { Surprise } from './surprise.js';

test('a cost is milliseconds × rate ÷ 3,600,000 of each allocation, half-even to 9 decimals', () => {
  const from = '2026-11-21T10:00:00.000Z';
  expect(costOf([{ from, to: '2026-11-21T11:00:00.000Z' }], '2.99')).toBe('2.99');
  expect(costOf([{ from, to: '2026-11-21T10:00:00.001Z' }], '2.99')).toBe('0.000000831');
  // 1.5 and 2.5 billionths: both to the even one.
  expect(costOf([{ from, to: '2026-11-21T10:00:00.003Z' }], '0.0018')).toBe('0.000000002');
  expect(costOf([{ from, to: '2026-11-21T10:00:00.005Z' }], '0.0018')).toBe('0.000000002');
  expect(sum(['0.1', '0.2', '3'])).toBe('3.3');
});

test('money is shown with two to six decimals', () => {
  const usd = (amount: string) => shown({ amount, currency: 'USD' });
  expect([usd('3'), usd('2.5'), usd('0.123456789')]).toEqual(['3.00 USD', '2.50 USD', '0.123456 USD']);
});

test('a blocker is a sentence with its numbers', () => {
  const action = 'Stop something.';
  expect(sentenceOf({ code: 'QUOTA', need: '2', free: '0', unit: 'GPU', action })).toBe(
    'QUOTA: it needs 2 GPU, 0 free. Stop something.',
  );
  expect(sentenceOf({ code: 'HELD', need: null, free: null, unit: null, action })).toBe(
    'HELD: Stop something.',
  );
});

test('what does not come in time is a surprise that says what was expected and what came instead', async () => {
  const { signal } = new AbortController();
  const options = { expected: 'it is 3', isWanted: (n: number) => n === 3, signal, deadlineMs: 0 };
  await expect(eventually({ ...options, ask: () => 3 })).resolves.toBe(3);
  await expect(eventually({ ...options, ask: () => 2 })).rejects.toEqual(
    new Surprise('it is 3 within 0 s', 2),
  );
});

test('what is awaited ends when the story is broken off', async () => {
  const breakOff = new AbortController();
  const waiting = eventually({
    expected: 'it comes',
    ask: () => false,
    isWanted: (came) => came,
    signal: breakOff.signal,
  });
  breakOff.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

async function* deliveries(...errors: { message: string }[]) {
  yield { data: { jobStatus: 1 } };
  yield { data: { jobStatus: 2 } };
  if (errors.length > 0) yield { data: null, errors };
}

test('a feed keeps what came, answers with what is looked for, and says when it can come no more', async () => {
  const { signal } = new AbortController();
  const feed = follow<number>('JobStatus', deliveries(), { signal });
  expect(await feed.until('two comes', (item) => item === 2)).toBe(2);
  expect(feed.items).toEqual([1, 2]);
  await expect(feed.until('three comes', (item) => item === 3)).rejects.toThrow('got the end of JobStatus');
  const broken = follow<number>('JobStatus', deliveries({ message: 'no' }), { signal });
  await expect(broken.until('three comes', (item) => item === 3)).rejects.toThrow('[{"message":"no"}]');
});

test('what was begun is ended from the newest on, and what cannot be ended keeps nothing else from its end', async () => {
  const begun = createBegun();
  const said: string[] = [];
  begun.add('the quota', () => Promise.resolve({ username: 'org-admin', text: 'takes the quota back' }));
  begun.add('the job', () => Promise.reject(new Error('gone')));
  begun.add('the instance', () => Promise.resolve(null));
  const listener = {
    ended: ({ text }: { text: string }) => said.push(text),
    failed: (text: string) => said.push(text),
  };
  expect(await begun.endAll(listener)).toBe(false);
  expect(said).toEqual(['the job is left: gone', 'takes the quota back']);
  expect(await begun.endAll(listener)).toBe(true);
});
