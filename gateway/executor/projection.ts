import {
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { Failure } from './failure.js';
import { enumWriter, leafWriter, nonNullWriter, nullWriter, type Projection, type Write } from './writers.js';
import type { Data } from './merge.js';
import {
  isSelected,
  selectFields,
  whenSelected,
  type Fragments,
  type Occurrence,
  type SelectedField,
} from './selectedFields.js';

/** Writes the selected fields of an object, without braces; undefined when the object must be null instead. */
export type WriteFields = (object: Data, projection: Projection) => string | undefined;

/** Compiles what a document selects into functions that write answers. */
export function createProjector(schema: GraphQLSchema, fragments: Fragments) {
  function fieldsWriter(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selected: readonly SelectedField[],
    depth: number,
  ): WriteFields {
    const fields = selected.map((field) => compileField(type, field, depth));
    return (object, projection) => {
      let text = '';
      for (const { key, prefix, when, write } of fields) {
        if (when && !isSelected(when, projection.variables)) continue;
        projection.path[depth] = key;
        const value = write(object[key], projection);
        if (value === undefined) return undefined;
        text += text ? `,${prefix}${value}` : prefix + value;
      }
      return text;
    };
  }

  function compileField(type: GraphQLObjectType | GraphQLInterfaceType, field: SelectedField, depth: number) {
    const { key, node, occurrences } = field;
    const name = node.name.value;
    const prefix = `${JSON.stringify(key)}:`;
    const when = whenSelected(field);
    if (name === '__typename') {
      const typeName = JSON.stringify(type.name);
      return { key, prefix, when, write: () => typeName };
    }
    const definition = type.getFields()[name];
    // Introspection has been answered by graphql-js before: the value is written as it is.
    const write = definition
      ? compileType(definition.type, occurrences, depth + 1, `${type.name}.${name}`)
      : leafWriter(depth + 1);
    return { key, prefix, when, write };
  }

  /** `depth` is the length of the path to the value; `field` names it for error texts. */
  function compileType(
    type: GraphQLOutputType,
    occurrences: readonly Occurrence[],
    depth: number,
    field: string,
  ): Write {
    if (isNonNullType(type))
      return nonNullWriter(compileType(type.ofType, occurrences, depth, field), depth, field);
    if (isListType(type)) return compileList(type.ofType, occurrences, depth, field);
    if (isLeafType(type)) return isEnumType(type) ? enumWriter(type, depth) : leafWriter(depth);
    return isObjectType(type)
      ? compileObject(type, occurrences, depth)
      : compileAbstract(type, occurrences, depth);
  }

  function compileObject(
    type: GraphQLObjectType | GraphQLInterfaceType,
    occurrences: readonly Occurrence[],
    depth: number,
  ): Write {
    const writeFields = fieldsWriter(type, selectFields(schema, fragments, type, occurrences), depth);
    const writeNull = nullWriter(depth);
    return (value, projection) => {
      if (value === null || typeof value !== 'object' || value instanceof Failure || Array.isArray(value))
        return writeNull(value, projection);
      const text = writeFields(value as Data, projection);
      return text === undefined ? 'null' : `{${text}}`;
    };
  }

  function compileList(
    itemType: GraphQLOutputType,
    occurrences: readonly Occurrence[],
    depth: number,
    field: string,
  ): Write {
    const writeItem = compileType(itemType, occurrences, depth + 1, field);
    const writeNull = nullWriter(depth);
    return (value, projection) => {
      if (!Array.isArray(value)) return writeNull(value, projection);
      let text = '';
      for (let index = 0; index < value.length; index++) {
        projection.path[depth] = index;
        const item = writeItem(value[index], projection);
        if (item === undefined) return 'null';
        text += index === 0 ? item : `,${item}`;
      }
      return `[${text}]`;
    };
  }

  /** The writers of the concrete types are compiled when the first object of each is met. */
  function compileAbstract(
    type: GraphQLAbstractType,
    occurrences: readonly Occurrence[],
    depth: number,
  ): Write {
    const writers = new Map<unknown, Write>();
    const writeNull = nullWriter(depth);

    function compileConcrete(name: unknown): Write | undefined {
      // A subgraph that knows an interface as one object type (`@interfaceObject`) may answer without a type.
      const concrete =
        name === undefined || name === type.name
          ? type
          : schema.getPossibleTypes(type).find((possible) => possible.name === name);
      return isObjectType(concrete) || isInterfaceType(concrete)
        ? compileObject(concrete, occurrences, depth)
        : undefined;
    }

    return (value, projection) => {
      if (value === null || typeof value !== 'object') return 'null';
      const name = (value as Data)['__typename'];
      let write = writers.get(name);
      if (!write) {
        write = compileConcrete(name);
        // A name that the schema does not know is not remembered: there may be any number of them.
        if (!write) return writeNull(value, projection);
        writers.set(name, write);
      }
      return write(value, projection);
    };
  }

  return {
    /** Writes those fields of a root type that a part of the operation is responsible for. */
    compileRoot: (type: GraphQLObjectType, selected: readonly SelectedField[]) =>
      fieldsWriter(type, selected, 0),
  };
}
