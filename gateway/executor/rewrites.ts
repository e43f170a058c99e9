import type { FetchNodePathSegment, FetchRewrite } from '@graphql-hive/router-query-planner';
import { Failure } from './failure.js';
import type { Supergraph } from './supergraph.js';

/** A change that a plan wants of a representation before it is sent, or of an answer before it is merged. */
export type Rewrite =
  | { kind: 'set'; path: FetchNodePathSegment[]; setValueTo: string }
  | { kind: 'rename'; path: FetchNodePathSegment[]; renameKeyTo: string };

export function readRewrites(rewrites: readonly FetchRewrite[] = []): Rewrite[] {
  return rewrites.map((rewrite) => {
    if ('KeyRenamer' in rewrite) return { kind: 'rename', ...rewrite.KeyRenamer };
    const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
    return { kind: 'set', path, setValueTo };
  });
}

/** Changes `value` in place. */
export function applyRewrites(value: unknown, rewrites: readonly Rewrite[], isA: Supergraph['isA']): void {
  for (const rewrite of rewrites) applyAt(value, 0, rewrite, isA);
}

function applyAt(value: unknown, depth: number, rewrite: Rewrite, isA: Supergraph['isA']): void {
  if (value === null || typeof value !== 'object' || value instanceof Failure) return;
  if (Array.isArray(value)) {
    for (const item of value) applyAt(item, depth, rewrite, isA);
    return;
  }
  const object = value as Record<string, unknown>;
  const segment = rewrite.path[depth];
  if (!segment) return;
  if ('TypenameEquals' in segment) {
    if (segment.TypenameEquals.some((type) => isA(object['__typename'], type)))
      applyAt(object, depth + 1, rewrite, isA);
  } else if (depth < rewrite.path.length - 1) {
    applyAt(object[segment.Key], depth + 1, rewrite, isA);
  } else if (rewrite.kind === 'set') {
    object[segment.Key] = rewrite.setValueTo;
  } else if (Object.hasOwn(object, segment.Key)) {
    object[rewrite.renameKeyTo] = object[segment.Key];
    delete object[segment.Key];
  }
}
