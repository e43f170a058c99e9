import { GraphQLError, type SourceLocation } from 'graphql';
import type { PublicError } from '../../platform/errors.js';

/** An error of the request as a whole: nothing was executed. */
export interface RequestError {
  readonly message: string;
  readonly locations?: readonly SourceLocation[];
  readonly extensions: object;
}

const HINTS = {
  GRAPHQL_PARSE_FAILED: 'Correct the syntax of the document at the location given.',
  GRAPHQL_VALIDATION_FAILED: 'Compare the document with the schema at the location given.',
  OPERATION_RESOLUTION_FAILURE: 'Name one of the operations of the document in operationName.',
  BAD_USER_INPUT: 'Correct the variables and send the request again.',
};

export function requestFaults(code: keyof typeof HINTS, errors: readonly unknown[]): RequestError[] {
  return errors.map((error) => ({
    message: withoutSuggestion(error instanceof Error ? error.message : String(error)),
    ...(error instanceof GraphQLError && error.locations && { locations: error.locations }),
    extensions: { code, hint: HINTS[code], retryable: false, details: {} },
  }));
}

export function refusal({ message, extensions }: PublicError): RequestError[] {
  return [{ message, extensions }];
}

/** A suggestion would tell what the schema holds to those who may not read it. */
const withoutSuggestion = (message: string) => message.replace(/ ?Did you mean .+\?$/s, '');
