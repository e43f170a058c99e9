/** Exact arithmetic on decimal text such as `2.99`: money is never a floating point number. No exponents. */

/** The text of a product with a whole number. */
export function times(text: string, factor: number): string {
  const { units, scale } = read(text);
  return write(units * BigInt(factor), scale);
}

export function minus(left: string, right: string): string {
  const scale = Math.max(read(left).scale, read(right).scale);
  return write(unitsAt(left, scale) - unitsAt(right, scale), scale);
}

/** Negative, zero or positive, as for `Array.sort`. */
export function compare(left: string, right: string): number {
  const scale = Math.max(read(left).scale, read(right).scale);
  const difference = unitsAt(left, scale) - unitsAt(right, scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The text divided by a positive whole number, half-even to so many decimals. */
export function divided(text: string, divisor: number, decimals: number): string {
  const { units, scale } = read(text);
  const dividend = units * 10n ** BigInt(decimals);
  const by = BigInt(divisor) * 10n ** BigInt(scale);
  const size = dividend < 0n ? -dividend : dividend;
  const whole = size / by;
  const twice = (size % by) * 2n;
  const up = twice > by || (twice === by && whole % 2n === 1n);
  const rounded = whole + (up ? 1n : 0n);
  return write(dividend < 0n ? -rounded : rounded, decimals);
}

type Fixed = { units: bigint; scale: number };

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

function read(text: string): Fixed {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  if (whole === '') throw new Error(`${text} is no decimal`);
  return { units: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

function unitsAt(text: string, scale: number): bigint {
  const fixed = read(text);
  return fixed.units * 10n ** BigInt(scale - fixed.scale);
}

/** Without zeros at its end, as short as it can be. */
function write(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
