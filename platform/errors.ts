/** An error an API caller may see. Every other error is logged with an id and masked as INTERNAL_SERVER_ERROR. */
export class PublicError extends Error {
  override readonly name = 'PublicError';
  /** graphql-js copies this on to the GraphQLError that it builds, so the domain needs no graphql import. */
  readonly extensions: { code: string; hint: string; retryable: boolean; details: Record<string, unknown> };

  /**
   * `code` is stable and listed in docs/errors.md; `message` says what is true now; `hint` says in one
   * sentence what the caller can do next; `details` are for machines.
   */
  constructor(
    code: string,
    message: string,
    hint: string,
    details: Record<string, unknown> = {},
    retryable = false,
  ) {
    super(message);
    this.extensions = { code, hint, retryable, details };
  }
}

/** A fault in one place of the input: `path` leads to it from the mutation's or query's arguments. */
export type InputFault = { path: readonly (string | number)[]; message: string };

export const badUserInput = (faults: readonly InputFault[]) =>
  new PublicError(
    'BAD_USER_INPUT',
    faults.length === 1
      ? `${faults[0]?.path.join('.')}: ${faults[0]?.message}`
      : `${faults.length} faults in the input`,
    'Correct the fields named in details.faults and send the request again.',
    { faults },
  );

/** The answer for what does not exist and for what the caller may not see: nobody can tell the two apart. */
export const notFound = (kind: string, id: string) =>
  new PublicError(
    'NOT_FOUND',
    `${kind} ${id} does not exist`,
    'Check the id; you may also lack the right to see it.',
    {
      kind,
      id,
    },
  );

export const forbidden = (permission: string) =>
  new PublicError(
    'FORBIDDEN',
    'You may not do this',
    'Ask a project administrator for a role that allows it.',
    {
      permission,
    },
  );

export const conflict = (id: string, expectedVersion: number, version: number) =>
  new PublicError(
    'CONFLICT',
    `${id} is at version ${version}, not ${expectedVersion}`,
    'Read it again and decide on what it is now.',
    { id, expectedVersion, version },
  );

export const illegalTransition = (subject: { id: string; state: string }, allowed: readonly string[]) =>
  new PublicError(
    'ILLEGAL_TRANSITION',
    `${subject.id} is ${subject.state}`,
    `Allowed now: ${allowed.join(', ') || 'nothing'}.`,
    { id: subject.id, state: subject.state, allowed },
  );

export const nameTaken = (kind: string, name: string) =>
  new PublicError('NAME_TAKEN', `There is a ${kind} named ${name} already`, 'Choose another name.', {
    kind,
    name,
  });

export const idempotencyKeyReused = (key: string) =>
  new PublicError(
    'IDEMPOTENCY_KEY_REUSED',
    `Key ${key} was used for another request`,
    'Send a new key, or the first request unchanged.',
    { key },
  );

/** What is asked for was planned, and would be planned otherwise now. */
export const planStale = (plan: { planHash: string }) =>
  new PublicError(
    'PLAN_STALE',
    'The request would not plan as it did: a price, a limit or a rule has changed',
    'Look at the new plan in details.plan and send its hash, if you still want it.',
    { planHash: plan.planHash, plan },
  );

/** What follows a cursor can no longer be told. `feed` is the subscription's name. */
export const cursorExpired = (feed: string) =>
  new PublicError(
    'CURSOR_EXPIRED',
    'What follows the cursor is no longer known',
    'Open the feed without a cursor, and read what stands there now.',
    { id: feed },
  );

/** `what` names a part in the caller's words, never a host, a table or a file. */
export const unavailable = (what: string) =>
  new PublicError('UNAVAILABLE', `${what} cannot be reached now`, 'Try again in a moment.', {}, true);

/** An answer that says for certain that nothing happened. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof PublicError && error.extensions.code !== 'UNAVAILABLE';
