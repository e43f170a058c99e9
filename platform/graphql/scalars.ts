import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { GraphQLISO8601Duration, GraphQLJSON } from 'graphql-scalars';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DECIMAL = /^-?\d{1,30}(\.\d{1,18})?$/;
const INTEGER = /^-?\d{1,30}$/;
const CURSOR_LENGTH_MAX = 512;

/** A scalar that travels as a string (or, coming in, as a number that is written exactly). */
function textScalar<Value>(options: {
  name: string;
  description: string;
  specifiedByURL?: string;
  parse: (text: string) => Value;
  serialize: (value: unknown) => string;
}): GraphQLScalarType<Value, string> {
  const { name, parse } = options;
  const read = (value: unknown) => {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
      throw new GraphQLError(`${name} must be a string`);
    return parse(String(value));
  };
  return new GraphQLScalarType<Value, string>({
    name,
    description: options.description,
    ...(options.specifiedByURL !== undefined && { specifiedByURL: options.specifiedByURL }),
    serialize: options.serialize,
    parseValue: read,
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT)
        return parse(node.value);
      throw new GraphQLError(`${name} must be a string`, { nodes: node });
    },
  });
}

function matching(name: string, pattern: RegExp, example: string) {
  return (text: string) => {
    if (!pattern.test(text)) throw new GraphQLError(`${name} must look like ${example}`);
    return text;
  };
}

export const DateTime = textScalar<Date>({
  name: 'DateTime',
  description:
    'An instant as RFC 3339 text, for example `2026-11-21T10:00:00.000Z`. Answers are in UTC with milliseconds.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  parse: (text) => {
    const instant = new Date(text);
    if (!DATE_TIME.test(text) || Number.isNaN(instant.getTime()))
      throw new GraphQLError('DateTime must look like 2026-11-21T10:00:00Z');
    return instant;
  },
  serialize: (value) => new Date(value as string | Date).toISOString(),
});

export const Decimal = textScalar<string>({
  name: 'Decimal',
  description: 'An exact decimal number as text, for example `"2.99"`. Never a floating-point number.',
  parse: matching('Decimal', DECIMAL, '"2.99"'),
  serialize: String,
});

export const BigIntScalar = textScalar<bigint>({
  name: 'BigInt',
  description: 'An exact integer of any size as text, for example `"9007199254740993"`.',
  parse: (text) => BigInt(matching('BigInt', INTEGER, '"9007199254740993"')(text)),
  serialize: String,
});

export const Cursor = textScalar<string>({
  name: 'Cursor',
  description: 'A place in a feed or a list. Opaque: hand back what you were given.',
  parse: (text) => {
    if (text.length > CURSOR_LENGTH_MAX) throw new GraphQLError('Cursor is none of ours');
    return text;
  },
  serialize: String,
});

export const Duration = new GraphQLScalarType({
  ...GraphQLISO8601Duration.toConfig(),
  name: 'Duration',
  description: 'A length of time in ISO 8601, for example `PT1H30M`.',
});

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value.',
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

/** All of them by name: a gateway that knows them refuses bad values before it calls anybody. */
export const scalars: Readonly<Record<string, GraphQLScalarType>> = {
  DateTime,
  Decimal,
  BigInt: BigIntScalar,
  Cursor,
  Duration,
  JSON: Json,
};
