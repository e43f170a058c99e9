import { expect, test } from 'vitest';
import { createPositionMemory, newest, readPositions, writePositions } from './positions.js';

test('the newer position of each subgraph counts', () => {
  expect(newest({ a: '9', b: '12' }, { a: '10', c: '1' })).toEqual({ a: '10', b: '12', c: '1' });
});

test('what a caller wrote is remembered for ten seconds, the newest of it', () => {
  let now = 0;
  const memory = createPositionMemory(10_000, () => now);
  memory.remember('ada', { a: '12' });
  now = 5_000;
  memory.remember('ada', { a: '9', b: '1' });
  now = 14_999;
  expect(memory.of('ada')).toEqual({ a: '12', b: '1' });
  expect(memory.of('bob')).toEqual({});
  now = 15_000;
  expect(memory.of('ada')).toEqual({});
});

test('positions survive the way over a header', () => {
  expect(readPositions(writePositions({ a: '12' }))).toEqual({ a: '12' });
  expect(readPositions(undefined)).toEqual({});
});

test.each([
  '',
  'e30x',
  Buffer.from('[]').toString('base64url'),
  Buffer.from('{"a":1}').toString('base64url'),
  'e'.repeat(3_000),
])('the header %j is refused', (header) => {
  expect(() => readPositions(header)).toThrow('cannot be read');
});
