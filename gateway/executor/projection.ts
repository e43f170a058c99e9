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
  type SelectionSetNode,
} from 'graphql';
import { Failure } from './failure.js';
import { enumWriter, leafWriter, nonNullWriter, nullWriter, type Projection, type Write } from './writers.js';
import type { Data } from './merge.js';
import { selectFields, type SelectedField, type Selecting } from './selectedFields.js';

/** Writes the selected fields of an object, without braces; undefined when the object must be null instead. */
export type WriteFields = (object: Data, projection: Projection) => string | undefined;

/** Compiles what a document selects, its conditions being decided, into functions that write answers. */
export function createProjector(selecting: Selecting) {
  const { schema } = selecting;

  function fieldsWriter(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selected: readonly SelectedField[],
    depth: number,
  ): WriteFields {
    const fields = selected.map((field) => compileField(type, field, depth));
    return (object, projection) => {
      let text = '';
      for (const { key, dataKey, prefix, write } of fields) {
        projection.path[depth] = key;
        const value = write(object[dataKey], projection);
        if (value === undefined) return undefined;
        text += text ? `,${prefix}${value}` : prefix + value;
      }
      return text;
    };
  }

  function compileField(type: GraphQLObjectType | GraphQLInterfaceType, field: SelectedField, depth: number) {
    const { key, dataKey, node, selectionSets } = field;
    const name = node.name.value;
    const prefix = `${JSON.stringify(key)}:`;
    if (name === '__typename') {
      const typeName = JSON.stringify(type.name);
      return { key, dataKey, prefix, write: () => typeName };
    }
    const definition = type.getFields()[name];
    // Introspection has been answered by graphql-js before: the value is written as it is.
    const write = definition
      ? compileType(definition.type, selectionSets, depth + 1, `${type.name}.${name}`)
      : leafWriter(depth + 1);
    return { key, dataKey, prefix, write };
  }

  /** `depth` is the length of the path to the value; `field` names it for error texts. */
  function compileType(
    type: GraphQLOutputType,
    selectionSets: readonly SelectionSetNode[],
    depth: number,
    field: string,
  ): Write {
    if (isNonNullType(type))
      return nonNullWriter(compileType(type.ofType, selectionSets, depth, field), depth, field);
    if (isListType(type)) return compileList(type.ofType, selectionSets, depth, field);
    if (isLeafType(type)) return isEnumType(type) ? enumWriter(type, depth) : leafWriter(depth);
    return isObjectType(type)
      ? compileObject(type, selectionSets, depth)
      : compileAbstract(type, selectionSets, depth);
  }

  function compileObject(
    type: GraphQLObjectType | GraphQLInterfaceType,
    selectionSets: readonly SelectionSetNode[],
    depth: number,
  ): Write {
    const writeFields = fieldsWriter(type, selectFields(selecting, type, selectionSets), depth);
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
    selectionSets: readonly SelectionSetNode[],
    depth: number,
    field: string,
  ): Write {
    const writeItem = compileType(itemType, selectionSets, depth + 1, field);
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
    selectionSets: readonly SelectionSetNode[],
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
        ? compileObject(concrete, selectionSets, depth)
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
