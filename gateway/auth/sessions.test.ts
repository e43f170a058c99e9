import { expect, onTestFinished, test } from 'vitest';
import { unavailable } from '../../platform/errors.js';
import { unauthenticated } from '../../platform/identity/errors.js';
import { until } from '../../test/testkit/gateway.js';
import type { Authenticate, Identity } from './identity.js';
import { createSessions, type SessionEnd } from './sessions.js';

const identityOf = (id: string, principal: unknown, expiresAt: Date | null = null): Identity => ({
  id,
  principal,
  expiresAt,
});

function watch(authenticate: Authenticate, ...identities: Identity[]) {
  const sessions = createSessions({ authenticate, recheckMs: 20 });
  onTestFinished(() => sessions[Symbol.dispose]());
  const ends: [string, SessionEnd][] = [];
  const leave = identities.map((identity) => {
    const end = (reason: SessionEnd) => void ends.push([identity.id, reason]);
    return sessions.watch({ credentials: { authorization: identity.id }, identity, end });
  });
  return { ends, leave };
}

test('a session ends once its rights are not what they were', async () => {
  const answers = new Map([
    ['ada', ['read']],
    ['bob', ['read']],
  ]);
  const authenticate: Authenticate = ({ authorization: id = '' }) =>
    Promise.resolve(identityOf(id, answers.get(id)));
  const { ends } = watch(authenticate, identityOf('ada', ['read']), identityOf('bob', ['read']));
  answers.set('ada', ['read', 'write']);
  await until(() => ends.length > 0);
  expect(ends).toEqual([['ada', 'CHANGED']]);
});

test('a session ends when its credentials expire or are refused', async () => {
  const authenticate: Authenticate = ({ authorization: id = '' }) =>
    id === 'bob' ? Promise.reject(unauthenticated('unknown_user')) : Promise.resolve(identityOf(id, null));
  const { ends } = watch(authenticate, identityOf('ada', null, new Date()), identityOf('bob', null));
  await until(() => ends.length === 2);
  expect(Object.fromEntries(ends)).toEqual({ ada: 'EXPIRED', bob: 'EXPIRED' });
});

test('while nobody can tell who calls, sessions stay open', async () => {
  let asked = 0;
  const authenticate: Authenticate = () => {
    asked++;
    return Promise.reject(unavailable('The issuer'));
  };
  const { ends } = watch(authenticate, identityOf('ada', null));
  await until(() => asked > 5);
  expect(ends).toEqual([]);
});

test('each of many sessions is looked at, and one that was left no more', async () => {
  const asked = new Set<string>();
  const authenticate: Authenticate = ({ authorization: id = '' }) => {
    asked.add(id);
    return Promise.resolve(identityOf(id, null));
  };
  const names = Array.from({ length: 100 }, (_, index) => `caller-${index}`);
  const { leave } = watch(authenticate, ...names.map((name) => identityOf(name, null)));
  leave[0]?.();
  await until(() => asked.size >= 99);
  expect(asked.has('caller-0')).toBe(false);
});
