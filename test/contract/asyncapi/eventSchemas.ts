import { readdirSync } from 'node:fs';
import type { ESTree } from 'vite';
import { type ContractTypes, readContractTypes } from './contractTypes.js';

export type Schema = { readonly [key: string]: unknown };

export interface EventSchema {
  readonly context: string;
  readonly type: string;
  readonly description: string | null;
  /** Of the event's `data`. */
  readonly data: Schema;
}

/**
 * JSON Schemas of all facts, made from the types in contracts/: so there is one place where a fact is described. Named
 * types become schemas of their own, below `#/components/schemas`.
 */
export function eventSchemas(folder: string): { events: EventSchema[]; schemas: Record<string, Schema> } {
  const types = readContractTypes(folder);
  const writer = createSchemaWriter(types);
  const files = readdirSync(folder).filter((file) => file.endsWith('.events.ts'));
  const events = files.flatMap((file) => {
    const context = file.replace('.events.ts', '');
    const union = types.find(file, `${context.slice(0, 1).toUpperCase()}${context.slice(1)}Event`);
    return eventsIn(types, union.file, union.node, null).map(({ node, description }) => ({
      context,
      description,
      ...writer.event(file, node),
    }));
  });
  return { events, schemas: writer.schemas };
}

type Found = { node: ESTree.TSTypeLiteral; description: string | null };

/** The members of a union of events, with what is said of each and of the union that it belongs to. */
function eventsIn(types: ContractTypes, file: string, node: ESTree.TSType, said: string | null): Found[] {
  switch (node.type) {
    case 'TSUnionType':
      return node.types.flatMap((member) => eventsIn(types, file, member, said));
    case 'TSTypeReference': {
      const named = types.find(file, nameOf(node));
      return eventsIn(types, named.file, named.node, named.description);
    }
    case 'TSTypeLiteral': {
      const own = types.commentAbove(file, node);
      return [{ node, description: [own, said].filter((text) => text !== null).join(' ') || null }];
    }
    default:
      throw new Error(`${file}: ${node.type} is no event`);
  }
}

function createSchemaWriter(types: ContractTypes) {
  const schemas: Record<string, Schema> = {};

  function named(file: string, name: string): Schema {
    const { file: home, node, description } = types.find(file, name);
    if (!(name in schemas)) {
      // Known before it is written: a type may contain itself.
      schemas[name] = {};
      schemas[name] = described(schemaOf(home, node), description);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function reference(file: string, node: ESTree.TSTypeReference): Schema {
    const name = nameOf(node);
    return name === 'Record' ? { type: 'object' } : named(file, name);
  }

  function union(file: string, members: readonly ESTree.TSType[]): Schema {
    const literals = members.map((member) => (member.type === 'TSLiteralType' ? valueOf(member) : null));
    if (literals.every((value) => value !== null)) return { enum: literals };
    return { anyOf: members.map((member) => schemaOf(file, member)) };
  }

  function object(file: string, members: readonly ESTree.TSSignature[]): Schema {
    const fields = members.map((member) => {
      if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier' || !member.typeAnnotation)
        throw new Error(`${file}: ${member.type} is no field of an event`);
      const schema = schemaOf(file, member.typeAnnotation.typeAnnotation);
      const { name } = member.key;
      return { name, optional: member.optional, schema: described(schema, types.commentAbove(file, member)) };
    });
    return {
      type: 'object',
      required: fields.filter(({ optional }) => !optional).map(({ name }) => name),
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    };
  }

  /** The type of one property of a named type: `Target['type']`. */
  function indexed(file: string, { objectType, indexType }: ESTree.TSIndexedAccessType): Schema {
    if (objectType.type !== 'TSTypeReference' || indexType.type !== 'TSLiteralType')
      throw new Error(`${file}: only a named type's property can be taken`);
    const { file: home, node } = types.find(file, nameOf(objectType));
    const { properties } = schemaOf(home, node) as { properties: Record<string, Schema> };
    return properties[valueOf(indexType)] ?? {};
  }

  function schemaOf(file: string, node: ESTree.TSType): Schema {
    switch (node.type) {
      case 'TSStringKeyword':
        return { type: 'string' };
      case 'TSNumberKeyword':
        return { type: 'number' };
      case 'TSBooleanKeyword':
        return { type: 'boolean' };
      case 'TSNullKeyword':
        return { type: 'null' };
      case 'TSLiteralType':
        return { const: valueOf(node) };
      case 'TSArrayType':
        return { type: 'array', items: schemaOf(file, node.elementType) };
      case 'TSUnionType':
        return union(file, node.types);
      case 'TSIntersectionType':
        return { allOf: node.types.map((member) => schemaOf(file, member)) };
      case 'TSTypeLiteral':
        return object(file, node.members);
      case 'TSTypeReference':
        return reference(file, node);
      case 'TSIndexedAccessType':
        return indexed(file, node);
      case 'TSTypeOperator':
        return { enum: types.keysOf(file, queriedName(node)) };
      default:
        throw new Error(`${file}: a fact cannot be a ${node.type}`);
    }
  }

  return {
    schemas,
    event(file: string, node: ESTree.TSTypeLiteral): { type: string; data: Schema } {
      const { properties } = object(file, node.members) as {
        properties: { type: { const: string }; data: Schema };
      };
      return { type: properties.type.const, data: properties.data };
    },
  };
}

const described = (schema: Schema, description: string | null): Schema =>
  description === null ? schema : { ...schema, description };

function nameOf({ typeName }: ESTree.TSTypeReference): string {
  if (typeName.type !== 'Identifier') throw new Error('A type of a fact has a simple name');
  return typeName.name;
}

function valueOf({ literal }: ESTree.TSLiteralType): string {
  if (literal.type !== 'Literal' || typeof literal.value !== 'string')
    throw new Error('A literal of a fact is text');
  return literal.value;
}

/** The constant of `keyof typeof CONSTANT`. */
function queriedName({ operator, typeAnnotation }: ESTree.TSTypeOperator): string {
  if (operator !== 'keyof' || typeAnnotation.type !== 'TSTypeQuery')
    throw new Error('Only keyof typeof is read');
  const { exprName } = typeAnnotation;
  if (exprName.type !== 'Identifier') throw new Error('Only a constant of the file is read');
  return exprName.name;
}
