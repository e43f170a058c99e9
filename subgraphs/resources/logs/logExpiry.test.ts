import { afterEach, expect, test, vi } from 'vitest';
import { startLogExpiry } from './logExpiry.js';
import { logRetention } from './retention.js';

const HOUR_MS = 3_600_000;

afterEach(() => vi.useRealTimers());

test('what was stored longer ago than it is kept is forgotten by the process that leads, and by no other', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00Z') });
  const asked: string[] = [];
  let isLeader = false;
  await using _expiry = startLogExpiry({
    store: { expire: async (before) => void asked.push(before.toISOString()) },
    keptMs: HOUR_MS,
    isActive: () => isLeader,
    onError: () => undefined,
  });
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(asked).toEqual([]);
  isLeader = true;
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(asked).toHaveLength(6);
  expect(asked[0]).toBe('2026-11-21T10:10:00.000Z');
});

test.each([
  ['7d', 7 * 24 * HOUR_MS],
  ['36h', 36 * HOUR_MS],
])('%s are understood', (text, ms) => {
  expect(logRetention.parse(text)).toBe(ms);
});

test.each(['', '7', '0d', '-1d', '1.5d', 'a week', '99999d'])('%j is refused', (text) => {
  expect(logRetention.safeParse(text).success).toBe(false);
});
