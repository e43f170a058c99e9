import { PublicError } from '../errors.js';

const SPECIFICATION = 'Send requests as the GraphQL over HTTP specification says.';

export const badRequest = (message: string, hint = SPECIFICATION) =>
  new PublicError('BAD_REQUEST', message, hint);

export const payloadTooLarge = (bytesMax: number) =>
  new PublicError('PAYLOAD_TOO_LARGE', `The body is larger than ${bytesMax} bytes`, 'Send less at once.', {
    limit: bytesMax,
  });

export const methodNotAllowed = (allow: string) =>
  new PublicError('METHOD_NOT_ALLOWED', 'This cannot be done with this method', `Use ${allow}.`, { allow });

/** Stands for an error whose text is for operators alone; they find it in the log by `id`. */
export const internalError = (id: string) =>
  new PublicError(
    'INTERNAL_SERVER_ERROR',
    'Something went wrong on our side',
    'Try again; if it stays, report the id.',
    { id },
    true,
  );
