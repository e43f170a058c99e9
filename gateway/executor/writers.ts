import type { GraphQLEnumType } from 'graphql';
import { addFailure, addFault, type AnswerErrors } from './answerErrors.js';
import { nullForbidden } from '../errors.js';
import { Failure, type PathSegment } from './failure.js';

/** What one writing of an answer needs and gathers. */
export interface Projection {
  readonly errors: AnswerErrors;
  /** Where the writer stands. The depth of every field is known when it is compiled, so one list is overwritten. */
  readonly path: PathSegment[];
}

/** Writes a value as JSON text: 'null' for what is null, undefined for a null that the type forbids. */
export type Write = (value: unknown, projection: Projection) => string | undefined;

/** `depth` is, here and below, the length of the path to the value. */
export function nullWriter(depth: number): Write {
  return (value, { errors, path }) => {
    if (value instanceof Failure) addFailure(errors, value, path.slice(0, depth));
    return 'null';
  };
}

/** Scalars pass through as the subgraph gave them; custom ones may be any JSON. */
export function leafWriter(depth: number): Write {
  const writeNull = nullWriter(depth);
  return (value, projection) => {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'number':
      case 'boolean':
        return String(value);
      case 'bigint':
        return `"${value}"`;
      case 'object':
        return value === null || value instanceof Failure
          ? writeNull(value, projection)
          : JSON.stringify(value);
      default:
        return 'null';
    }
  };
}

/** Values that the API schema does not know, for example hidden ones, are null. */
export function enumWriter(type: GraphQLEnumType, depth: number): Write {
  const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]));
  const writeNull = nullWriter(depth);
  return (value, projection) => texts.get(value) ?? writeNull(value, projection);
}

/** `field` names the field for the error of a null that nobody has accounted for. */
export function nonNullWriter(write: Write, depth: number, field: string): Write {
  return (value, projection) => {
    const { errors, path } = projection;
    const found = errors.found;
    const text = write(value, projection);
    if (text !== 'null') return text;
    if (errors.found === found) addFault(errors, nullForbidden(field), path.slice(0, depth));
    return undefined;
  };
}
