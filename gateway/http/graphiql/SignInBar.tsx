import { useState } from 'react';
import type { Discovery } from './discovery.js';
import { nameOf, type Session } from './session.js';
import { startSignIn } from './signIn.js';

interface SignInBarProps {
  readonly discovery: Discovery;
  readonly session: Session | null;
  readonly onChange: (session: Session | null) => void;
  readonly onFault: (error: unknown) => void;
}

/** Who is signed in, and the ways to be: through the issuer, or with a token from elsewhere. */
export function SignInBar({ discovery, session, onChange, onFault }: SignInBarProps) {
  const [token, setToken] = useState('');
  if (session) {
    return (
      <span className="sign-in">
        Signed in as <strong>{nameOf(session)}</strong>
        <button type="button" onClick={() => onChange(null)}>
          Sign out
        </button>
      </span>
    );
  }
  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (token) onChange({ token: token.replace(/^Bearer\s+/i, '').trim() });
      }}
    >
      {discovery.issuer && (
        <button type="button" className="primary" onClick={() => void startSignIn(discovery).catch(onFault)}>
          Sign in
        </button>
      )}
      <input
        type="password"
        autoComplete="off"
        aria-label="Access token"
        placeholder="or paste an access token"
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      <button type="submit" disabled={token === ''}>
        Use
      </button>
    </form>
  );
}
