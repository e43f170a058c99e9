type DriverCause = { originalCode?: string; kind?: string };
type PrismaFailure = {
  code?: string;
  message?: string;
  /** Of a statement. */
  meta?: { driverAdapterError?: { cause?: DriverCause } };
  /** Of a BEGIN, COMMIT or ROLLBACK, whose driver error Prisma does not wrap. */
  cause?: DriverCause;
};

/** Shutdown and crash of a server, one that is still starting, and the whole class "connection exception". */
const LOST_STATES = /^(57P0[1-3]|08...)$/;
/** Prisma's codes and kinds for a server that is away or hung up, and Node's for a broken socket. */
const LOST_CODES = ['P1001', 'P1017', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE'];
const LOST_KINDS = ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout'];
/** The pg driver gives these no code. */
const LOST_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed and is not queryable)/;

/** The SQLSTATE that the database gave, through Prisma's wrapping; undefined for anything else. */
export const sqlState = (error: unknown): string | undefined => driverCause(error)?.originalCode;

/**
 * Whether the connection broke. If that was during COMMIT, nobody can say from the error whether the transaction
 * happened.
 */
export function isConnectionLost(error: unknown): boolean {
  const failure = (error ?? {}) as PrismaFailure;
  return (
    LOST_STATES.test(sqlState(error) ?? '') ||
    LOST_CODES.includes(failure.code ?? '') ||
    LOST_KINDS.includes(driverCause(error)?.kind ?? '') ||
    LOST_MESSAGES.test(failure.message ?? '')
  );
}

function driverCause(error: unknown): DriverCause | undefined {
  const failure = error as PrismaFailure | null | undefined;
  return failure?.meta?.driverAdapterError?.cause ?? failure?.cause;
}

/** U+0000 in a text or in JSON; half of a surrogate pair in JSON. */
const UNSTORABLE_TEXT_STATES = ['22021', '22P05'];

/** Whether a value had a character that the database holds in no text. */
export function isUnstorableText(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  const isBadJson = state === '22P02' && /type json/.test((error as PrismaFailure).message ?? '');
  return isBadJson || UNSTORABLE_TEXT_STATES.includes(state);
}
