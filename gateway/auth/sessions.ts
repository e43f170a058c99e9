import { isUnauthenticated, type Authenticate, type Credentials, type Identity } from './identity.js';

/** Why a long-lived stream must end: its credentials ran out, or no longer give what they gave when it was opened. */
export type SessionEnd = 'EXPIRED' | 'CHANGED';

export interface SessionOptions {
  readonly authenticate: Authenticate;
  /** How often each open session is looked at; the longest time a lost right can outlive its loss. */
  readonly recheckMs: number;
}

interface Session {
  readonly credentials: Credentials;
  readonly identity: Identity;
  readonly end: (reason: SessionEnd) => void;
}

/** Sessions are looked at in so many parts, or thousands of them at once would hold up everything else. */
const PARTS = 20;

/**
 * Watches the identities of open sockets and event streams. A session is ended once, when its credentials expire, are
 * refused, or resolve to other rights. While it cannot be decided (say, the issuer is away) sessions stay open.
 */
export function createSessions({ authenticate, recheckMs }: SessionOptions) {
  // In the order in which they were looked at, the one that waits longest first.
  const sessions = new Set<Session>();

  async function recheck(session: Session): Promise<void> {
    const reason = await endOf(session, authenticate);
    if (reason && sessions.delete(session)) session.end(reason);
  }

  function recheckNextPart(): void {
    let left = Math.ceil(sessions.size / PARTS);
    for (const session of sessions) {
      if (left-- === 0) return;
      sessions.delete(session);
      sessions.add(session);
      void recheck(session);
    }
  }
  const timer = setInterval(recheckNextPart, recheckMs / PARTS).unref();

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
    return isSame(await authenticate(credentials), identity) ? null : 'CHANGED';
  } catch (error) {
    return isUnauthenticated(error) ? 'EXPIRED' : null;
  }
}

const isSame = (now: Identity, then: Identity): boolean =>
  now.principal === then.principal ||
  (now.id === then.id && JSON.stringify(now.principal) === JSON.stringify(then.principal));
