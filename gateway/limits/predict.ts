import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fixedCost, sumOf, times, type Cost } from './cost.js';
import { listSizing, sizeOf, weightOf, type ListSizing } from './directives.js';

const MUTATION_WEIGHT = 10;

/**
 * What an operation will cost at most: one for each object, ten for each mutation, leaves nothing, unless `@cost` says
 * otherwise, times the sizes of the lists they are in. Nothing is merged, so it is never below the actual cost. What
 * the schema does not know costs nothing: validation refuses it.
 */
export function predictCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Cost {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const root = schema.getRootType(operation.operation);
  const cost = root ? createPrediction(schema, fragments)(operation.selectionSet, root, null) : fixedCost(0);
  if (operation.operation !== 'mutation') return cost;
  return sumOf([fixedCost(MUTATION_WEIGHT * operation.selectionSet.selections.length), cost]);
}

/** `around` is the sizing of the field whose selections these are: a connection sizes the lists in it. */
type Predict = (selectionSet: SelectionSetNode, type: GraphQLNamedType, around: Around | null) => Cost;
type Around = ListSizing & { readonly field: FieldNode };

function createPrediction(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Predict {
  /** Those being spread now: one that spreads itself costs nothing more, validation refuses it. */
  const spreading = new Set<FragmentDefinitionNode>();
  /** A fragment costs the same wherever it is spread, but for the connection around it. */
  const known = new Map<FragmentDefinitionNode, Map<FieldNode | null, Cost>>();

  const typeNamed = (name: string, otherwise: GraphQLNamedType) => schema.getType(name) ?? otherwise;

  function predictSpread(
    fragment: FragmentDefinitionNode,
    type: GraphQLNamedType,
    around: Around | null,
  ): Cost {
    const byAround = known.get(fragment) ?? new Map<FieldNode | null, Cost>();
    known.set(fragment, byAround);
    const seen = byAround.get(around?.field ?? null);
    if (seen || spreading.has(fragment)) return seen ?? fixedCost(0);
    spreading.add(fragment);
    const cost = predict(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value, type), around);
    spreading.delete(fragment);
    byAround.set(around?.field ?? null, cost);
    return cost;
  }

  const predict: Predict = (selectionSet, type, around) =>
    sumOf(
      selectionSet.selections.map((selection) => {
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value;
          return predict(selection.selectionSet, condition ? typeNamed(condition, type) : type, around);
        }
        if (selection.kind === Kind.FIELD) return predictField(selection, type, around);
        const fragment = fragments.get(selection.name.value);
        return fragment ? predictSpread(fragment, type, around) : fixedCost(0);
      }),
    );

  function predictField(node: FieldNode, parent: GraphQLNamedType, around: Around | null): Cost {
    const field = fieldOf(parent, node.name.value);
    if (!field) return fixedCost(0);
    const type = getNamedType(field.type);
    const sizing = listSizing(field);
    const inner = sizing ? { ...sizing, field: node } : null;
    const below =
      node.selectionSet && isCompositeType(type) ? predict(node.selectionSet, type, inner) : fixedCost(0);
    const one = sumOf([fixedCost(weightOf(field, type, node)), below]);
    if (!isListType(getNullableType(field.type))) return one;
    if (around?.sizedFields.includes(field.name)) return times(sizeOf(around, around.field), one);
    return times(sizeOf(sizing, node), one);
  }

  return predict;
}

const fieldOf = (type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
