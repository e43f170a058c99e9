import { Kind, visit, type DocumentNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { Measure } from './errors.js';

/** How large an operation is, by everything that can be counted without a schema. Tokens are counted while parsing. */
export type Counts = Record<Exclude<Measure, 'tokens' | 'cost'>, number>;

/**
 * Aliases, directives and fragments are counted in the whole document, as written; depth and root fields in the
 * operation, with its fragments spread out. Introspection has no depth here: validation limits it.
 */
export function countDocument(document: DocumentNode, operation: OperationDefinitionNode): Counts {
  let aliases = 0;
  let directives = 0;
  let fragments = 0;
  visit(document, {
    Field: (field) => void (aliases += field.alias ? 1 : 0),
    Directive: () => void directives++,
    FragmentDefinition: () => void fragments++,
    InlineFragment: () => void fragments++,
  });
  const { depth, width } = createMeasure(document)(operation.selectionSet);
  const variables = operation.variableDefinitions?.length ?? 0;
  return { aliases, directives, fragments, variables, depth, rootFields: width };
}

interface Extent {
  depth: number;
  /** Fields on the first level. */
  width: number;
}

/** Each fragment is measured once. One that spreads itself counts as empty: validation refuses it. */
function createMeasure(document: DocumentNode) {
  const extents = new Map<string, Extent>();
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );

  function ofFragment(name: string): Extent {
    const known = extents.get(name);
    if (known) return known;
    const selectionSet = fragments.get(name);
    extents.set(name, { depth: 0, width: 0 });
    const extent = selectionSet ? measure(selectionSet) : { depth: 0, width: 0 };
    extents.set(name, extent);
    return extent;
  }

  function measure(selectionSet: SelectionSetNode): Extent {
    const total: Extent = { depth: 0, width: 0 };
    for (const selection of selectionSet.selections) {
      const { depth, width } =
        selection.kind === Kind.FIELD
          ? { depth: 1 + depthBelow(selection.name.value, selection.selectionSet), width: 1 }
          : selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : ofFragment(selection.name.value);
      total.depth = Math.max(total.depth, depth);
      total.width += width;
    }
    return total;
  }

  const depthBelow = (field: string, selectionSet: SelectionSetNode | undefined) =>
    selectionSet && !field.startsWith('__') ? measure(selectionSet).depth : 0;

  return measure;
}
