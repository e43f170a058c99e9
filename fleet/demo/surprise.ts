/** Something is not as the story has it. */
export class Surprise extends Error {
  override readonly name = 'Surprise';
  readonly expected: string;
  readonly got: string;

  /** `expected` as the end of "I expected that …"; `got` is shown as JSON unless it is text. */
  constructor(expected: string, got: unknown) {
    const shown = typeof got === 'string' ? got : JSON.stringify(got);
    super(`expected that ${expected}, got ${shown}`);
    this.expected = expected;
    this.got = shown;
  }
}

/** Fails with a Surprise unless it holds. */
export function expectThat(expected: string, holds: boolean, got: unknown): asserts holds {
  if (!holds) throw new Surprise(expected, got);
}

/** Fails with a Surprise unless both are the same text, number, truth or null. */
export function expectSame<Value extends string | number | boolean | null>(
  what: string,
  wanted: Value,
  got: Value,
): void {
  expectThat(`${what} is ${wanted}`, wanted === got, got);
}
