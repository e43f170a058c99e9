import { PublicError } from '../../platform/errors.js';
import type { Log } from '../../platform/telemetry/log.js';
import { masked } from '../errors.js';

export const unsupportedMediaType = () =>
  new PublicError(
    'UNSUPPORTED_MEDIA_TYPE',
    'The body has a type that is not read here',
    'Send application/json.',
  );

export const notAcceptable = (hint: string) =>
  new PublicError('NOT_ACCEPTABLE', 'No type of answer that you accept is given here', hint);

export const preflightRequired = () =>
  new PublicError(
    'PREFLIGHT_REQUIRED',
    'A query by GET must show that no other site sent it',
    'Add the header "x-requested-with" with any value, or use POST.',
  );

/** `what` there is too much of, in the caller's words. */
export const overloaded = (what: string, limit: number) =>
  new PublicError(
    'OVERLOADED',
    `There are too many ${what}`,
    'End some of them, or try again later.',
    { limit },
    true,
  );

/** What a caller may see of an error. Everything unknown is logged, and shown only as the id under which it is found. */
export function toPublicError(error: unknown, requestId: string, log: Log): PublicError {
  if (error instanceof PublicError) return error;
  log.error({ err: error, requestId }, 'unexpected error');
  return masked(requestId);
}

/** The answer to a request of which nothing was executed. */
export const errorText = ({ message, extensions }: PublicError): string =>
  JSON.stringify({ errors: [{ message, extensions }] });

const STATUSES: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  PREFLIGHT_REQUIRED: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL_SERVER_ERROR: 500,
  OVERLOADED: 503,
  UNAVAILABLE: 503,
};

/** Null for refusals of the document itself, whose status follows from the type of the answer. */
export const statusOf = (error: PublicError): number | null => STATUSES[error.extensions.code] ?? null;
