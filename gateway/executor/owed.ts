import { Kind, parse, type DocumentNode, type SelectionSetNode } from 'graphql';
import type { Rewrite } from './rewrites.js';

/** A field that a subgraph was asked for. */
export interface OwedField {
  readonly name: string;
  /** Its key in the subgraph's answer, and the key it is then renamed to. */
  readonly key: string;
  readonly finalKey: string;
  /** The type conditions around it, outermost first: it is owed by an object that meets them all. */
  readonly types: readonly string[];
  readonly fields: readonly OwedField[];
}

/** Reads from a subgraph's document which fields it owes. Only failures need to know, so it is read when one happens. */
export function readOwed(document: string): OwedField[] {
  const parsed = parse(document, { noLocation: true });
  const operation = parsed.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return operation?.kind === Kind.OPERATION_DEFINITION ? readFields(operation.selectionSet, [], parsed) : [];
}

function readFields(
  { selections }: SelectionSetNode,
  types: readonly string[],
  document: DocumentNode,
): OwedField[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      if (name === '__typename') return [];
      const key = selection.alias?.value ?? name;
      const fields = selection.selectionSet ? readFields(selection.selectionSet, [], document) : [];
      return [{ name, key, finalKey: key, types, fields }];
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : document.definitions.find(
            (definition) =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          );
    if (!fragment || !('selectionSet' in fragment)) return [];
    const condition = 'typeCondition' in fragment ? fragment.typeCondition?.name.value : undefined;
    return readFields(fragment.selectionSet, condition ? [...types, condition] : types, document);
  });
}

/** The same fields under the keys that the plan's rewrites of the answer will give them. */
export function renamed(fields: readonly OwedField[], rewrites: readonly Rewrite[]): readonly OwedField[] {
  return rewrites.reduce<readonly OwedField[]>(
    (result, rewrite) =>
      rewrite.kind === 'rename' ? renameAt(result, rewrite.path, rewrite.renameKeyTo, undefined) : result,
    fields,
  );
}

function renameAt(
  fields: readonly OwedField[],
  [segment, ...rest]: Rewrite['path'],
  finalKey: string,
  types: readonly string[] | undefined,
): readonly OwedField[] {
  if (!segment) return fields;
  if ('TypenameEquals' in segment) return renameAt(fields, rest, finalKey, segment.TypenameEquals);
  return fields.map((field) => {
    const isMeant =
      field.key === segment.Key &&
      (!types || field.types.length === 0 || field.types.some((type) => types.includes(type)));
    if (!isMeant) return field;
    return rest.length === 0
      ? { ...field, finalKey }
      : { ...field, fields: renameAt(field.fields, rest, finalKey, undefined) };
  });
}
