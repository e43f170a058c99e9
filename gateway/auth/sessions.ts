import { isUnauthenticated, type Authenticate, type Credentials, type Identity } from './identity.js';

/** Why a long-lived stream must end: its credentials ran out, or no longer give what they gave when it was opened. */
export type SessionEnd = 'EXPIRED' | 'CHANGED';

export interface SessionOptions {
  readonly authenticate: Authenticate;
  /** How often open sessions are looked at; the longest time a lost right can outlive its loss. */
  readonly recheckMs: number;
}

interface Session {
  readonly credentials: Credentials;
  readonly identity: Identity;
  readonly end: (reason: SessionEnd) => void;
}

/**
 * Watches the identities of open sockets and event streams. A session is ended once, when its credentials expire, are
 * refused, or resolve to other rights. While it cannot be decided (say, the issuer is away) sessions stay open.
 */
export function createSessions({ authenticate, recheckMs }: SessionOptions) {
  const sessions = new Set<Session>();

  async function recheck(session: Session): Promise<void> {
    const reason = await endOf(session, authenticate);
    if (reason && sessions.delete(session)) session.end(reason);
  }
  const timer = setInterval(() => {
    for (const session of sessions) void recheck(session);
  }, recheckMs).unref();

  return {
    /** Answers a function that stops the watch; call it when the stream is over. */
    watch(session: Session): () => void {
      sessions.add(session);
      return () => void sessions.delete(session);
    },
    [Symbol.dispose](): void {
      clearInterval(timer);
      sessions.clear();
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;

async function endOf(
  { credentials, identity }: Session,
  authenticate: Authenticate,
): Promise<SessionEnd | null> {
  if (identity.expiresAt && identity.expiresAt.getTime() <= Date.now()) return 'EXPIRED';
  try {
    const now = await authenticate(credentials);
    const same =
      now.id === identity.id && JSON.stringify(now.principal) === JSON.stringify(identity.principal);
    return same ? null : 'CHANGED';
  } catch (error) {
    return isUnauthenticated(error) ? 'EXPIRED' : null;
  }
}
