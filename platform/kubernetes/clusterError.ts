/** A refusal by the cluster's API, or a failure to reach it. `status` and `reason` are those of the API's `Status` object. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Expired`, `TooManyRequests` …; `Unreachable` when no answer came. */
  readonly reason: string;
  /** The API's `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** The object was changed since it was read, or another field manager holds the field. */
export const isConflict = (error: unknown) => error instanceof ClusterError && error.reason === 'Conflict';

export const isAlreadyExists = (error: unknown) =>
  error instanceof ClusterError && error.reason === 'AlreadyExists';

/** The version is older than the history that the server keeps: list again. */
export const isGone = (error: unknown) => error instanceof ClusterError && error.status === 410;
