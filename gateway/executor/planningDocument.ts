import {
  isAbstractType,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
} from 'graphql';
import { dataKeyOf } from './aliases.js';
import { isIncluded, type Selecting } from './selectedFields.js';

/**
 * The document as the executor needs it planned: with the keys of its data, without conditions, and with the type's
 * name wherever it is not certain, even where the conditions have left nothing else of a selection.
 */
export function planningDocument(document: DocumentNode, { schema, variables }: Selecting): string {
  const types = new TypeInfo(schema);
  const planned = visit(
    document,
    visitWithTypeInfo(types, {
      Field: (field) => {
        if (field.name.value === '__typename') return TYPE_NAME;
        const { alias, ...plain } = field;
        const key = dataKeyOf(field);
        // `id: id` is `id`, but the planner would see a conflict between the two.
        return alias && (key === field.name.value ? plain : { ...plain, alias: { ...alias, value: key } });
      },
      Directive: () => null,
      SelectionSet: {
        enter: (set) => ({
          ...set,
          selections: set.selections.filter((each) => isIncluded(each, variables)),
        }),
        leave: (set) =>
          isAbstractType(types.getParentType()) || set.selections.length === 0
            ? { ...set, selections: [TYPE_NAME, ...set.selections] }
            : undefined,
      },
    }),
  );
  return print(planned);
}

const TYPE_NAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
