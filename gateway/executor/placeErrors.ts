import { Failure, type Cause, type Fault, type PathSegment } from './failure.js';
import type { Data } from './merge.js';
import type { OwedField } from './owed.js';

/**
 * Puts an error into the place of the data that its path names, or into the null above that took it.
 * False when the data there is not null: then the path is wrong, and the error has no place.
 */
export function placeError(
  data: Data,
  path: readonly PathSegment[],
  fault: Fault,
  owed: readonly OwedField[],
): boolean {
  let container = data as Record<PathSegment, unknown>;
  let fields = owed;
  for (const [depth, segment] of path.entries()) {
    if (typeof segment === 'string') fields = fieldsOf(fields, segment);
    const cause = (): Cause => ({ fault, below: finalPath(path.slice(depth + 1), fields) });
    const value = container[segment];
    if (value instanceof Failure) container[segment] = value.and(cause());
    else if (value === null || value === undefined) container[segment] = new Failure([cause()], fields);
    else if (typeof value !== 'object') return false;
    else {
      container = value as Record<PathSegment, unknown>;
      continue;
    }
    return true;
  }
  return false;
}

/** The path under the keys that the plan's rewrites will have given. */
export function finalPath(path: readonly PathSegment[], owed: readonly OwedField[]): PathSegment[] {
  let fields = owed;
  return path.map((segment) => {
    if (typeof segment === 'number') return segment;
    const field = fields.find(({ key }) => key === segment);
    fields = field?.fields ?? [];
    return field?.finalKey ?? segment;
  });
}

/** Fragments on several types may ask for the same key, each with fields of its own. */
const fieldsOf = (owed: readonly OwedField[], key: string): OwedField[] =>
  owed.filter((field) => field.key === key).flatMap((field) => field.fields);
