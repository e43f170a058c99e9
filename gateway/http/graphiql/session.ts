/** Somebody's access token, kept for this tab of the browser alone. */
export interface Session {
  readonly token: string;
}

const KEY = 'fleetgraph.session';

export function readSession(): Session | null {
  const text = sessionStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Session);
}

export function writeSession(session: Session | null): void {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
}

/** Who the token is for, as it says itself: good enough to show, and for nothing else. */
export function nameOf({ token }: Session): string {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims = JSON.parse(atob(payload)) as { preferred_username?: string; sub?: string };
    return claims.preferred_username ?? claims.sub ?? 'somebody';
  } catch {
    return 'somebody';
  }
}
