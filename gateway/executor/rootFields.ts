import {
  Kind,
  print,
  type DefinitionNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ValidDocument } from './document.js';
import { fragmentOf, type Fragments } from './selectedFields.js';

/** The valid document's operation with only some of its root fields; null when none is left. */
export function keepRootFields(
  { operation, fragments }: ValidDocument,
  keep: (field: FieldNode) => boolean,
): string | null {
  const selectionSet = filtered(operation.selectionSet, fragments, keep);
  if (selectionSet.selections.length === 0) return null;
  const used = fragmentsUsedIn(selectionSet, fragments);
  const definitions: DefinitionNode[] = [{ ...operation, selectionSet }, ...used];
  return print({ kind: Kind.DOCUMENT, definitions });
}

/** Fragments are written out on the way, because their other uses must stay whole. */
function filtered(
  { kind, selections }: SelectionSetNode,
  fragments: Fragments,
  keep: (field: FieldNode) => boolean,
): SelectionSetNode {
  return {
    kind,
    selections: selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : [];
      const fragment = fragmentOf(selection, fragments);
      if (!fragment) return [];
      const { typeCondition } = fragment;
      const selectionSet = filtered(fragment.selectionSet, fragments, keep);
      if (selectionSet.selections.length === 0) return [];
      const directives = selection.directives ?? [];
      return [
        { kind: Kind.INLINE_FRAGMENT, directives, selectionSet, ...(typeCondition && { typeCondition }) },
      ];
    }),
  };
}

function fragmentsUsedIn(selectionSet: SelectionSetNode, fragments: Fragments): DefinitionNode[] {
  const used = new Set<DefinitionNode>();
  function visit({ selections }: SelectionSetNode) {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || used.has(fragment)) continue;
        used.add(fragment);
        visit(fragment.selectionSet);
      } else if (selection.selectionSet) visit(selection.selectionSet);
    }
  }
  visit(selectionSet);
  return [...used];
}
