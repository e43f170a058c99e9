import { expect, test } from 'vitest';
import type { Principal } from './principal.js';
import { createCallSignatures, type InternalCall, PRINCIPAL_HEADER, SIGNATURE_HEADER } from './signature.js';

const secret = (fill: number) => new Uint8Array(32).fill(fill);
const principal: Principal = {
  id: 'user-1',
  kind: 'USER',
  displayName: 'Rita Vision',
  everywhere: ['gpu.read'],
  projects: { vision: ['instance.create'] },
};
const call: InternalCall = {
  audience: 'billing',
  method: 'POST',
  path: '/graphql',
  body: '{"query":"{ __typename }"}',
  headers: { 'x-request-id': 'request-1' },
};

/** Gateway and subgraph with one clock that is set by hand, in seconds from now. */
function arrange({ noncesMax = 1000, keys = [{ id: 'k1', secret: secret(1) }] } = {}) {
  const hand = { seconds: 0 };
  const started = Date.now();
  const clock = () => new Date(started + hand.seconds * 1000);
  const signatures = createCallSignatures({ keys, signedHeaders: ['x-request-id'], clock, noncesMax });
  /** The call as it arrives, after whoever sits between has had a hand in it. */
  const send = (signed: InternalCall = call): InternalCall => ({
    ...signed,
    headers: { ...signed.headers, ...signatures.signCall(signed, principal) },
  });
  return { hand, clock, signatures, send };
}

const refusal = (reason: string) =>
  expect.objectContaining({
    extensions: expect.objectContaining({ code: 'UNAUTHENTICATED', details: { reason } }) as unknown,
  }) as Error;

test('a signed call carries its principal', () => {
  const { signatures, send } = arrange();
  expect(signatures.verifyCall(send())).toEqual(principal);
});

test('an unsigned call is refused, also if it only names a principal', () => {
  const { signatures, send } = arrange();
  expect(() => signatures.verifyCall(call)).toThrow(refusal('missing'));
  const { [SIGNATURE_HEADER]: _signature, ...unsigned } = send().headers;
  expect(() => signatures.verifyCall({ ...call, headers: unsigned })).toThrow(refusal('missing'));
});

test.each([
  ['audience', { audience: 'resources' }],
  ['method', { method: 'GET' }],
  ['path', { path: '/graphql?all=true' }],
  ['body', { body: '{"query":"{ __schema }"}' }],
] as const)('a call whose %s was altered is refused', (_part, change) => {
  const { signatures, send } = arrange();
  expect(() => signatures.verifyCall({ ...send(), ...change })).toThrow(refusal('signature'));
});

test('a call whose principal or signed header was altered, added or dropped is refused', () => {
  const { signatures, send } = arrange();
  const sent = send();
  const promoted = Buffer.from(JSON.stringify({ ...principal, everywhere: ['*'] })).toString('base64url');
  const alterations = [
    { ...sent.headers, [PRINCIPAL_HEADER]: `j.${promoted}` },
    { ...sent.headers, 'x-request-id': 'request-2' },
    { ...sent.headers, 'x-request-id': undefined },
    { ...sent.headers, 'x-request-id': ['request-1', 'request-2'] },
  ];
  for (const headers of alterations) {
    expect(() => signatures.verifyCall({ ...sent, headers })).toThrow(refusal('signature'));
  }
  const withoutHeader = send({ ...call, headers: {} });
  expect(() =>
    signatures.verifyCall({
      ...withoutHeader,
      headers: { ...withoutHeader.headers, 'x-request-id': 'added' },
    }),
  ).toThrow(refusal('signature'));
});

test('a call whose expiry, nonce or key was altered is refused', () => {
  const { signatures, send } = arrange({
    keys: [
      { id: 'k1', secret: secret(1) },
      { id: 'k2', secret: secret(2) },
    ],
  });
  const sent = send();
  const [keyId = '', expiresAt = '', nonce = '', mac = ''] = String(sent.headers[SIGNATURE_HEADER]).split(
    '.',
  );
  const alterations = [
    [keyId, String(Number(expiresAt) + 1), nonce, mac],
    [keyId, expiresAt, nonce.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')), mac],
    ['k2', expiresAt, nonce, mac],
  ];
  for (const altered of alterations) {
    const headers = { ...sent.headers, [SIGNATURE_HEADER]: altered.join('.') };
    expect(() => signatures.verifyCall({ ...sent, headers })).toThrow(refusal('signature'));
  }
});

test.each(['', 'k1', 'k1.1.2.3', `k1.${'9'.repeat(20)}.${'n'.repeat(22)}.${'m'.repeat(43)}`, 'k1.1..'])(
  'a signature that cannot be read is refused: %j',
  (signature) => {
    const { signatures, send } = arrange();
    const sent = send();
    expect(() =>
      signatures.verifyCall({ ...sent, headers: { ...sent.headers, [SIGNATURE_HEADER]: signature } }),
    ).toThrow(refusal('malformed'));
  },
);

test('a signature is good for 30 seconds', () => {
  const { hand, signatures, send } = arrange();
  const [early, late] = [send(), send()];
  hand.seconds = 30;
  expect(signatures.verifyCall(early)).toEqual(principal);
  hand.seconds = 30.001;
  expect(() => signatures.verifyCall(late)).toThrow(refusal('expired'));
});

test('a signature from a clock that is far ahead is refused', () => {
  const { hand, signatures, send } = arrange();
  hand.seconds = 31;
  const ahead = send();
  hand.seconds = 0;
  expect(() => signatures.verifyCall(ahead)).toThrow(refusal('not_yet_valid'));
});

test.each([0, 31, 59])(
  'a call made at second %i is accepted once, as long as its signature is good',
  (second) => {
    const { hand, signatures, send } = arrange();
    signatures.verifyCall(send());
    hand.seconds = second;
    const sent = send();
    signatures.verifyCall(sent);
    for (const later of [0, 2, 15, 30]) {
      hand.seconds = second + later;
      expect(() => signatures.verifyCall(sent)).toThrow(refusal('replayed'));
      signatures.verifyCall(send());
    }
  },
);

test('replays are remembered in bounded room: what does not fit is turned away, not forgotten', () => {
  const { hand, signatures, send } = arrange({ noncesMax: 2 });
  const first = send();
  signatures.verifyCall(first);
  signatures.verifyCall(send());
  expect(() => signatures.verifyCall(send())).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({ code: 'UNAVAILABLE' }) as unknown,
    }) as Error,
  );
  expect(() => signatures.verifyCall(first)).toThrow(refusal('replayed'));
  hand.seconds = 121;
  expect(signatures.verifyCall(send())).toEqual(principal);
});

test('keys rotate without a refused call: the new one is accepted before it signs, the old one until it is dropped', () => {
  const [older, newer] = [
    { id: 'older', secret: secret(1) },
    { id: 'newer', secret: secret(2) },
  ];
  const before = arrange({ keys: [older, newer] });
  const after = arrange({ keys: [newer, older] });
  const dropped = arrange({ keys: [newer] });
  expect(after.signatures.verifyCall(before.send())).toEqual(principal);
  expect(before.signatures.verifyCall(after.send())).toEqual(principal);
  expect(dropped.signatures.verifyCall(after.send())).toEqual(principal);
  expect(() => dropped.signatures.verifyCall(before.send())).toThrow(refusal('key'));
});

test('a principal with rights in a thousand projects fits into a header', () => {
  const { signatures } = arrange();
  const rights = [
    'instance.create',
    'instance.stop',
    'job.submit',
    'job.cancel',
    'model.register',
    'cost.read',
  ];
  const projects = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`project_${String(index).padStart(26, '0')}`, rights]),
  );
  const busy = { ...principal, projects };
  const headers = signatures.signCall(call, busy);
  expect(headers[PRINCIPAL_HEADER]?.length).toBeLessThan(12 * 1024);
  expect(signatures.verifyCall({ ...call, headers: { ...call.headers, ...headers } })).toEqual(busy);
});

test('no key, a short key and a key id that could not be read back are refused at once', () => {
  expect(() => createCallSignatures({ keys: [] })).toThrow('needs a key');
  expect(() => createCallSignatures({ keys: [{ id: 'k', secret: new Uint8Array(31) }] })).toThrow('32 bytes');
  expect(() => createCallSignatures({ keys: [{ id: 'k.1', secret: secret(1) }] })).toThrow('id');
});
