import type { RequiresSelection } from '@graphql-hive/router-query-planner';
import { Failure } from './failure.js';
import type { Data } from './merge.js';
import { applyRewrites, type Rewrite } from './rewrites.js';
import type { Supergraph } from './supergraph.js';

/** An object as a subgraph must see it to answer for it: `{"__typename":"Job","id":"1"}`. */
export interface Representation {
  readonly text: string;
  /** Its fields that failed to be fetched, with their failures; they are written as null. */
  readonly failed: ReadonlyMap<string, Failure> | null;
}

/** Null for an object that the subgraph cannot know: of another type, or with nothing but nulls to tell. */
export type WriteRepresentation = (object: Data) => Representation | null;

export function compileRepresentation(
  requires: readonly RequiresSelection[],
  rewrites: readonly Rewrite[],
  isA: Supergraph['isA'],
): WriteRepresentation {
  return (object) => {
    const draft: Draft = { tells: false, failed: null };
    const fields = writeFields(object, requires, draft, null, isA);
    if (!fields || !(draft.tells || draft.failed)) return null;
    const text = rewrites.length === 0 ? `{${fields}}` : rewritten(`{${fields}}`, rewrites, isA);
    return { text, failed: draft.failed };
  };
}

interface Draft {
  /** Whether a field besides the type's name is known. */
  tells: boolean;
  failed: Map<string, Failure> | null;
}

/** `top` is the field of the representation that is being written, or null above them all. */
function writeFields(
  object: Data,
  selections: readonly RequiresSelection[],
  draft: Draft,
  top: string | null,
  isA: Supergraph['isA'],
): string {
  let text = '';
  for (const selection of selections) {
    let written: string | null = null;
    if (selection.kind === 'InlineFragment') {
      if (isA(object['__typename'], selection.typeCondition))
        written = writeFields(object, selection.selections, draft, top, isA);
    } else if (selection.kind === 'Field') {
      // `name` is the key in our data, `alias` the one that the subgraph knows.
      const name = selection.alias ?? selection.name;
      const value = object[selection.name];
      if (value === undefined) continue;
      if (value !== null && name !== '__typename' && !(value instanceof Failure)) draft.tells = true;
      written = `"${name}":${writeValue(value, selection.selections, draft, top ?? name, isA)}`;
    }
    if (written) text += text ? `,${written}` : written;
  }
  return text;
}

function writeValue(
  value: unknown,
  selections: readonly RequiresSelection[] | undefined,
  draft: Draft,
  top: string,
  isA: Supergraph['isA'],
): string {
  if (value instanceof Failure) {
    (draft.failed ??= new Map()).set(top, value);
    return 'null';
  }
  if (!selections?.length || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item) => writeValue(item, selections, draft, top, isA)).join()}]`;
  return `{${writeFields(value as Data, selections, draft, top, isA)}}`;
}

function rewritten(text: string, rewrites: readonly Rewrite[], isA: Supergraph['isA']): string {
  const representation: unknown = JSON.parse(text);
  applyRewrites(representation, rewrites, isA);
  return JSON.stringify(representation);
}
