import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare, divided, minus, times } from './decimal.js';

const Exact = Decimal.clone({ precision: 200, rounding: Decimal.ROUND_HALF_EVEN });
const text = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat(12))
  .map(([units, scale]) => new Exact(units.toString()).div(new Exact(10).pow(scale)).toFixed());
const count = fc.integer({ min: 1, max: 1_000_000 });

test('decimal text is reckoned as by an arbitrary-precision library', () => {
  fc.assert(
    fc.property(text, text, count, (left, right, whole) => {
      expect(times(left, whole)).toBe(new Exact(left).times(whole).toFixed());
      expect(minus(left, right)).toBe(new Exact(left).minus(right).toFixed());
      expect(compare(left, right)).toBe(new Exact(left).comparedTo(right));
      const quotient = new Exact(left).div(whole).toDecimalPlaces(9);
      expect(divided(left, whole, 9)).toBe(quotient.isZero() ? '0' : quotient.toFixed());
    }),
  );
});

test('halves go to the even neighbour', () => {
  expect(['0.5', '1.5', '2.5', '-0.5', '-1.5'].map((half) => divided(half, 1, 0))).toEqual([
    '0',
    '2',
    '2',
    '0',
    '-2',
  ]);
});

test('what is no decimal is refused', () => {
  for (const wrong of ['', 'x', '1e3', '.5', '1.', 'NaN'])
    expect(() => times(wrong, 1)).toThrow('no decimal');
});
