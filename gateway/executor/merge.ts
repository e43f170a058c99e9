import { Failure } from './failure.js';
import type { OwedField } from './owed.js';
import type { Supergraph } from './supergraph.js';

export type Data = Record<string, unknown>;

/**
 * Merges what one subgraph answered into what is known. Values beat failures, failures beat null: two subgraphs may
 * both supply a shared field, and one of them may be lost.
 */
export function merge(target: Data, source: Data, isA: Supergraph['isA']): void {
  for (const key in source) {
    const known = target[key];
    target[key] = known === undefined ? source[key] : merged(known, source[key], isA);
  }
}

function merged(known: unknown, added: unknown, isA: Supergraph['isA']): unknown {
  if (isComposite(known) && isComposite(added)) {
    if (Array.isArray(known) && Array.isArray(added)) {
      for (const [index, item] of added.entries()) {
        known[index] = known[index] === undefined ? item : merged(known[index], item, isA);
      }
    } else if (known !== Object.prototype) {
      // A subgraph's key `__proto__` would lead here.
      merge(known as Data, added as Data, isA);
    }
    return known;
  }
  if (added instanceof Failure) return failed(known, added, isA);
  if (known instanceof Failure) return failed(added, known, isA);
  return added ?? known;
}

/** What remains of a value when a subgraph that should have added to it failed. */
function failed(value: unknown, failure: Failure, isA: Supergraph['isA']): unknown {
  if (value === undefined || value === null) return failure;
  if (Array.isArray(value))
    return value.map((item, index) => failed(item, failure.at(index, failure.owed), isA));
  if (isComposite(value)) fail(value as Data, failure, isA);
  return value;
}

/** Puts a failure into every field of the object that the failed subgraph owes, and that nobody else has supplied. */
export function fail(object: Data, failure: Failure, isA: Supergraph['isA']): void {
  for (const field of failure.owed) {
    if (!isOwedBy(object, field, isA)) continue;
    const key = field.finalKey;
    object[key] = failed(object[key], failure.at(key, field.fields), isA);
  }
}

export function isOwedBy(object: Data, { types }: OwedField, isA: Supergraph['isA']): boolean {
  return types.every((type) => isA(object['__typename'], type));
}

/** A copy for a second place: what is merged below one place must not show up in another. */
export function copy(value: unknown): unknown {
  if (!isComposite(value)) return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: Data = {};
  for (const key in value) result[key] = copy((value as Data)[key]);
  return result;
}

/** Objects and lists. A failure is neither, nor is a scalar's own class such as `Date`. */
function isComposite(value: unknown): value is object {
  if (value === null || typeof value !== 'object' || value instanceof Failure) return false;
  return !('toJSON' in value && typeof value.toJSON === 'function');
}
