import { unwrapResolverError } from '@apollo/server/errors';
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ArgumentValidationError } from 'type-graphql';
import { isUnstorableText } from '../database/failures.js';
import { badUserInput, type InputFault, PublicError } from '../errors.js';

/** Codes of graphql-js and Apollo Server that speak of the document alone, and so may be shown. */
const DOCUMENT_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
];

/**
 * What a caller sees of an error: PublicErrors and faults of the document as they are, everything else as
 * INTERNAL_SERVER_ERROR with an id under which it was logged.
 */
export function maskError(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: (error: unknown, id: string) => void,
): GraphQLFormattedError {
  const cause = publicCause(unwrapResolverError(error));
  const { path, locations } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (cause) return { message: cause.message, ...place, extensions: cause.extensions };
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && DOCUMENT_CODES.includes(code) && !hasForeignCause(error))
    return { message: formatted.message, ...place, extensions: { code } };
  const id = randomUUID();
  log(error, id);
  return {
    message: 'Something went wrong on our side',
    ...place,
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      hint: 'Try again; if it stays, report the id.',
      retryable: true,
      details: { id },
    },
  };
}

function publicCause(error: unknown): PublicError | null {
  if (error instanceof PublicError) return error;
  if (error instanceof ArgumentValidationError) return badUserInput(faultsOf(error));
  return isUnstorableText(error) ? unstorableText() : null;
}

const unstorableText = () =>
  new PublicError(
    'BAD_USER_INPUT',
    'A text has a character that cannot be stored: U+0000, or half of a surrogate pair',
    'Remove the character and send the request again.',
    { faults: [] },
  );

const hasForeignCause = (error: unknown) =>
  error instanceof GraphQLError &&
  error.originalError != null &&
  !(error.originalError instanceof GraphQLError);

type Violation = { property: string; constraints?: Record<string, string>; children?: Violation[] };

function faultsOf(error: ArgumentValidationError): InputFault[] {
  const violations = (error.extensions['validationErrors'] ?? []) as Violation[];
  const walk = (list: Violation[], path: (string | number)[]): InputFault[] =>
    list.flatMap(({ property, constraints = {}, children = [] }) => {
      const here = [...path, /^\d+$/.test(property) ? Number(property) : property];
      return [
        ...Object.values(constraints).map((message) => ({ path: here, message })),
        ...walk(children, here),
      ];
    });
  return walk(violations, ['input']);
}
