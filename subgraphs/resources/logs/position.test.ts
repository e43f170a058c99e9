import { expect, test } from 'vitest';
import { decodePosition, encodePosition } from './position.js';

const JOB = 'job_01JABCDEFGHJKMNPQRSTVWXYZ0';
const CURSOR_MAX = 512;

test.each([
  ['the start', { offset: 0, ahead: new Map<number, number>() }],
  ['a stored line', { offset: 123_456_789, ahead: new Map<number, number>() }],
  [
    'a line that is not stored',
    {
      offset: 7,
      ahead: new Map([
        [0, 3],
        [12, 40_000],
      ]),
    },
  ],
])('a cursor of %s leads back to it', (_title, position) => {
  expect(decodePosition(JOB, encodePosition(JOB, position))).toEqual(position);
});

test('a cursor behind unstored lines of every pod of the largest job is short enough to be taken', () => {
  const ahead = new Map(Array.from({ length: 64 }, (_, stream) => [stream, 30] as const));
  expect(encodePosition(JOB, { offset: 2 ** 40, ahead }).length).toBeLessThanOrEqual(CURSOR_MAX);
});

test.each([
  ['of another job', encodePosition('job_2', { offset: 1, ahead: new Map() })],
  ['of another feed', Buffer.from('resources:0:12').toString('base64url')],
  ['that is none', 'x'],
  ['with a bad offset', Buffer.from(`log:${JOB}:-1`).toString('base64url')],
  ['with a bad count', Buffer.from(`log:${JOB}:1:0.-3`).toString('base64url')],
])('a cursor %s is refused', (_title, cursor) => {
  expect(() => decodePosition(JOB, cursor)).toThrow(
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) }),
  );
});
