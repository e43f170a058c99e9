import {
  isCompositeType,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
} from 'graphql';
import type { Size, Variables } from './cost.js';

/** How long lists without any hint are taken to be: the most that a list may have. */
const LIST_SIZE_MAX = 100;
/** The arguments and fields of a Relay connection, which need no directive. */
const PAGE_ARGUMENTS = ['first', 'last'];
const PAGE_FIELDS = ['edges', 'nodes'];

type Field = GraphQLField<unknown, unknown>;
type Annotated = {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined;
};

/** What is known of the length of a field's list, or of the lists directly under it (`sizedFields`). */
export interface ListSizing {
  readonly assumedSize: number;
  /** Arguments that set the length, with the field's default for each. The largest counts. */
  readonly slicing: readonly { readonly name: string; readonly defaultValue: unknown }[];
  readonly sizedFields: readonly string[];
}

/** From `@listSize`, or, without it, from the arguments of a connection; null where nothing is known. */
export function listSizing(field: Field): ListSizing | null {
  const listSize = argumentsOf(field, 'listSize');
  const names = listSize ? stringsOf(listSize['slicingArguments']) : PAGE_ARGUMENTS;
  const slicing = field.args.filter(({ name }) => names.includes(name));
  if (!listSize && slicing.length === 0) return null;
  return {
    assumedSize: numberOf(listSize?.['assumedSize']) ?? LIST_SIZE_MAX,
    slicing: slicing.map(({ name, defaultValue }) => ({ name, defaultValue })),
    sizedFields: listSize ? stringsOf(listSize['sizedFields']) : PAGE_FIELDS,
  };
}

/** The length that a field's arguments ask for: known now, or from variables. */
export function sizeOf(sizing: ListSizing | null, node: FieldNode): Size {
  if (!sizing) return LIST_SIZE_MAX;
  const { slicing, assumedSize } = sizing;
  const largest = (variables: Variables): number => {
    const asked = slicing.flatMap(({ name, defaultValue }) => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
      const given = value && valueFromASTUntyped(value, variables);
      return numberOf(given === undefined ? defaultValue : given) ?? [];
    });
    return asked.length > 0 ? Math.max(0, ...asked) : assumedSize;
  };
  const byVariable = node.arguments?.some(
    ({ name, value }) => value.kind === Kind.VARIABLE && slicing.some((slice) => slice.name === name.value),
  );
  return byVariable ? largest : largest({});
}

/** By `@cost` on the field or its type, else one for an object and nothing for a leaf; and that of its arguments. */
export function weightOf(field: Field, type: GraphQLNamedType, node: FieldNode): number {
  const own = costOf(field) ?? costOf(type) ?? (isCompositeType(type) ? 1 : 0);
  const given = field.args.filter(({ name }) =>
    node.arguments?.some((argument) => argument.name.value === name),
  );
  return given.reduce((sum, argument) => sum + (costOf(argument) ?? 0), own);
}

const costOf = (annotated: Annotated) => numberOf(argumentsOf(annotated, 'cost')?.['weight']);

function argumentsOf({ astNode }: Annotated, directive: string): Record<string, unknown> | null {
  const node = astNode?.directives?.find(({ name }) => name.value === directive);
  if (!node) return null;
  return Object.fromEntries(
    node.arguments?.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]) ?? [],
  );
}

/** Weights are numbers, or numbers in text, by the version of the specification. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
