import type { FlattenNodePathSegment } from '@graphql-hive/router-query-planner';
import { Failure } from './failure.js';
import type { Data } from './merge.js';
import type { Supergraph } from './supergraph.js';

/** Finds the objects at a place of a plan, in the order of the data. Nothing is found below a null or a failure. */
export type Path = (data: Data) => Data[];

export function compilePath(segments: readonly FlattenNodePathSegment[], isA: Supergraph['isA']): Path {
  // Lists of any depth are walked through wherever they stand, so "@" says nothing that the data does not.
  const steps = segments.filter((segment) => segment !== '@');

  function walk(value: unknown, depth: number, found: Data[]): void {
    if (value === null || typeof value !== 'object' || value instanceof Failure) return;
    if (Array.isArray(value)) {
      for (const item of value) walk(item, depth, found);
      return;
    }
    const object = value as Data;
    const step = steps[depth];
    if (step === undefined) found.push(object);
    else if ('Field' in step) walk(object[step.Field], depth + 1, found);
    else if (step.TypeCondition.some((type) => isA(object['__typename'], type)))
      walk(object, depth + 1, found);
  }

  return (data) => {
    const found: Data[] = [];
    walk(data, 0, found);
    return found;
  };
}
