import type { OwedField } from './owed.js';

/** What a client may read of an error, still without its place in the answer. */
export interface Fault {
  readonly message: string;
  readonly extensions: object;
}

export type PathSegment = string | number;

/** `below` leads down to where the error arose, which passed its null up to the place of the failure. */
export interface Cause {
  readonly fault: Fault;
  readonly below: readonly PathSegment[];
}

/**
 * Stands in the data where a subgraph owed a value and failed. It travels with the data into every place that the
 * value would have gone to, so the projection, which meets it last, knows every real path of the error.
 */
export class Failure {
  /** At least one; the first is the one that is shown. */
  readonly causes: readonly [Cause, ...Cause[]];
  /** What the subgraph owes below this place, in case another subgraph supplies an object for it. */
  readonly owed: readonly OwedField[];
  /** The field beside this one whose error took both: it is reported there, once. */
  readonly sibling: string | undefined;

  constructor(causes: Failure['causes'], owed: readonly OwedField[] = [], sibling?: string) {
    this.causes = causes;
    this.owed = owed;
    this.sibling = sibling;
  }

  and(cause: Cause): Failure {
    return new Failure([...this.causes, cause], this.owed, this.sibling);
  }

  /** The part of it that concerns one field or item. */
  at(segment: PathSegment, owed: readonly OwedField[]): Failure {
    const [first, ...others] = this.causes.flatMap(({ fault, below }) =>
      below[0] === segment ? [{ fault, below: below.slice(1) }] : [],
    );
    if (first) return new Failure([first, ...others], owed);
    const whole = this.causes.find(({ below }) => below.length === 0) ?? this.causes[0];
    const origin = typeof segment === 'string' ? whole.below[0] : undefined;
    // Only the failure of this very object has a sibling among its fields, not that of one further up.
    const sibling = this.sibling === undefined && origin !== undefined ? String(origin) : undefined;
    return new Failure([{ fault: whole.fault, below: sibling ? whole.below.slice(1) : [] }], owed, sibling);
  }
}

export const failureOf = (fault: Fault, owed: readonly OwedField[]) =>
  new Failure([{ fault, below: [] }], owed);
