import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Random } from './random.js';

export interface DrawnOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Draws operations on the schema. They are syntactically right, and nearly always valid: fields may conflict. */
export function drawOperation(
  schema: GraphQLSchema,
  random: Random,
  mayUse: (type: string, field: string) => boolean,
): DrawnOperation {
  const variables = new Map<string, { definition: string; value: unknown }>();
  const fragments: string[] = [];
  const kind = schema.getMutationType() && random.chance(0.12) ? 'mutation' : 'query';
  const root = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error('no root type');

  function selections(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + random.int(depth === 0 ? 3 : 4);
    const drawn = Array.from({ length: count }, () => selection(type, depth));
    return `{ ${drawn.join(' ')} }`;
  }

  function selection(type: GraphQLCompositeType, depth: number): string {
    if (depth < 7 && random.chance(isAbstractType(type) ? 0.6 : 0.12)) return fragment(type, depth);
    if (random.chance(0.06) || !('getFields' in type))
      return `${alias('__typename')}__typename${directives()}`;
    const fields = Object.values(type.getFields()).filter(
      ({ name, type: fieldType }) =>
        usable(type, name) && (depth < 5 || !isCompositeType(getNamedType(fieldType))),
    );
    if (fields.length === 0) return '__typename';
    const field = random.pick(fields);
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? ` ${selections(named, depth + 1)}` : '';
    return `${alias(field.name)}${field.name}${argumentsOf(field)}${directives()}${inner}`;
  }

  /** A field of an interface may be asked of any of its types. */
  const usable = (type: GraphQLCompositeType, field: string) =>
    (isObjectType(type) ? [type] : schema.getPossibleTypes(type)).every(({ name }) => mayUse(name, field));

  function fragment(type: GraphQLCompositeType, depth: number): string {
    const related = Object.values(schema.getTypeMap()).filter(
      (other): other is GraphQLCompositeType => isCompositeType(other) && overlaps(type, other),
    );
    const condition = random.pick(related);
    if (random.chance(0.25)) {
      const name = `F${fragments.length}`;
      const position = fragments.push('') - 1;
      fragments[position] = `fragment ${name} on ${condition.name} ${selections(condition, depth + 1)}`;
      return `...${name}${directives()}`;
    }
    const on = condition === type && random.chance(0.3) ? '' : ` on ${condition.name}`;
    return `...${on}${directives()} ${selections(condition, depth + 1)}`;
  }

  function overlaps(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    if (one.name.startsWith('__') || other.name.startsWith('__')) return false;
    const types = isAbstractType(one) ? schema.getPossibleTypes(one) : [one];
    return types.some((type) => type === other || (isAbstractType(other) && schema.isSubType(other, type)));
  }

  function alias(field: string): string {
    if (random.chance(0.85)) return '';
    return `${random.pick(['one', 'two', 'id', 'title', 'constructor', `other_${field.replaceAll('_', '')}`])}: `;
  }

  function directives(): string {
    if (random.chance(0.85)) return '';
    const name = random.pick(['skip', 'include']);
    const condition = random.chance(0.3)
      ? String(random.chance(0.5))
      : variable('Boolean!', random.chance(0.5));
    return ` @${name}(if: ${condition})`;
  }

  function argumentsOf({ args }: GraphQLField<unknown, unknown>): string {
    const given = args.filter(({ type }) => isNonNullType(type) || random.chance(0.5)).map(argument);
    return given.length > 0 ? `(${given.join(', ')})` : '';
  }

  function argument({ name, type }: GraphQLArgument): string {
    const value = drawInput(type);
    if (random.chance(0.4)) return `${name}: ${variable(String(type), value)}`;
    return `${name}: ${isEnumType(getNamedType(type)) ? String(value) : JSON.stringify(value)}`;
  }

  function drawInput(type: GraphQLInputType): unknown {
    if (isNonNullType(type)) return drawInput(type.ofType);
    if (isListType(type)) return [drawInput(type.ofType)];
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (type.name === 'Int') return random.int(5);
    if (type.name === 'Boolean') return random.chance(0.5);
    return String(1 + random.int(4));
  }

  /** Some variables have a default, and some of those are left out of the request. */
  function variable(type: string, value: unknown): string {
    const name = `v${variables.size}`;
    const isScalar = typeof value === 'boolean' || typeof value === 'number';
    const defaulted = isScalar && random.chance(0.4) ? ` = ${String(value)}` : '';
    const given = !defaulted || random.chance(0.5);
    variables.set(name, { definition: `$${name}: ${type}${defaulted}`, value: given ? value : undefined });
    return `$${name}`;
  }

  const body = selections(root, 0);
  const definitions = [...variables.values()].map(({ definition }) => definition);
  const head = `${kind} Drawn${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
  return {
    query: [`${head} ${body}`, ...fragments].join('\n'),
    variables: Object.fromEntries(
      [...variables].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}
