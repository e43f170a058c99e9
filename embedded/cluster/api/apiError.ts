import { qualifiedName } from '../resources.js';
import type { Kind } from '../../../platform/kubernetes/kinds.js';

type Details = { name?: string; group?: string; kind?: string; causes?: Cause[]; retryAfterSeconds?: number };
export type Cause = { reason: string; message: string; field: string };

/** A refusal, in the form that Kubernetes gives it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: Details;

  constructor(code: number, reason: string, message: string, details: Details = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus() {
    const { code, reason, message, details } = this;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code,
    };
  }
}

const about = (kind: Kind, name: string) => ({ name, kind: kind.plural });

export const notFound = (kind: Kind, name: string) =>
  new ApiError(404, 'NotFound', `${qualifiedName(kind)} "${name}" not found`, about(kind, name));

export const noSuchPath = () =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource');

export const alreadyExists = (kind: Kind, name: string) =>
  new ApiError(409, 'AlreadyExists', `${qualifiedName(kind)} "${name}" already exists`, about(kind, name));

export const modified = (kind: Kind, name: string) =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(kind)} "${name}": the object has been modified; ` +
      'please apply your changes to the latest version and try again',
    about(kind, name),
  );

export const preconditionFailed = (kind: Kind, name: string, wanted: string, actual: string) =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(kind)} "${name}": Precondition failed: ` +
      `UID in precondition: ${wanted}, UID in object meta: ${actual}`,
    about(kind, name),
  );

/** Other field managers hold fields that an apply wants to change. */
export const applyConflict = (causes: Cause[]) =>
  new ApiError(
    409,
    'Conflict',
    `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ` +
      causes.map(({ message, field }) => `${message}: ${field}`).join(', '),
    { causes },
  );

export const invalid = (kind: Kind, name: string, faults: { field: string; message: string }[]) =>
  new ApiError(
    422,
    'Invalid',
    `${kind.kind} "${name}" is invalid: ${faults.map(({ field, message }) => `${field}: ${message}`).join(', ')}`,
    {
      name,
      kind: kind.kind,
      causes: faults.map(({ field, message }) => ({ reason: 'FieldValueInvalid', message, field })),
    },
  );

export const forbidden = (kind: Kind, name: string, why: string) =>
  new ApiError(403, 'Forbidden', `${qualifiedName(kind)} "${name}" is forbidden: ${why}`, about(kind, name));

export const badRequest = (message: string) => new ApiError(400, 'BadRequest', message);

export const expired = (version: number, oldest: number) =>
  new ApiError(410, 'Expired', `too old resource version: ${version} (${oldest})`);

/** Only JSON is read here. */
export const unknownFormat = (contentType: string) =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format: ${contentType}`,
  );
