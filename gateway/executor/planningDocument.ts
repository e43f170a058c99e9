import { Kind, print, visit, type DocumentNode, type FieldNode } from 'graphql';
import { dataKeyOf } from './aliases.js';
import { isIncluded, type Selecting } from './selectedFields.js';

/**
 * The document as the executor needs it planned: with the keys of its data and without conditions. Where a field has
 * nothing but fragments, or the conditions have left nothing, the type's name is asked for: no fragment may apply, and
 * the planner would leave out the field, but whether there is an object must still be known.
 */
export function planningDocument(document: DocumentNode, variables: Selecting['variables']): string {
  const planned = visit(document, {
    Field: (field) => {
      if (field.name.value === '__typename') return TYPE_NAME;
      const { alias, ...plain } = field;
      const key = dataKeyOf(field);
      // `id: id` is `id`, but the planner would see a conflict between the two.
      return alias && (key === field.name.value ? plain : { ...plain, alias: { ...alias, value: key } });
    },
    Directive: () => null,
    SelectionSet: {
      enter: (set) => ({ ...set, selections: set.selections.filter((each) => isIncluded(each, variables)) }),
      leave: (set, _, parent) => {
        const isOfField = parent !== undefined && 'kind' in parent && parent.kind === Kind.FIELD;
        const isBare = set.selections.every(({ kind }) => kind !== Kind.FIELD);
        return (isOfField && isBare) || set.selections.length === 0
          ? { ...set, selections: [TYPE_NAME, ...set.selections] }
          : undefined;
      },
    },
  });
  return print(planned);
}

const TYPE_NAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
