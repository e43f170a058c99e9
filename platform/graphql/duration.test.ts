import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDuration, writeDuration } from './duration.js';

test.each([
  ['PT1S', 1],
  ['PT1H30M', 5_400],
  ['P1DT1S', 86_401],
  ['P2W', 1_209_600],
  ['PT0S', 0],
])('%s is %i seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds);
});

test.each(['P', 'PT', 'P1Y', 'P1M', 'PT1.5H', 'PT-1H', '-PT1H', 'PT1H ', '3600', ''])(
  'the length of "%s" cannot be told in whole seconds',
  (text) => {
    expect(readDuration(text)).toBeNull();
  },
);

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40_000_000 }), (seconds) => {
      expect(readDuration(writeDuration(seconds))).toBe(seconds);
    }),
  );
});
