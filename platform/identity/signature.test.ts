import { expect, test } from 'vitest';
import type { Principal } from './principal.js';
import {
  type CallSignatures,
  createCallSignatures,
  type InternalCall,
  PRINCIPAL_HEADER,
  SIGNATURE_HEADER,
} from './signature.js';

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

test('a signed call carries its principal', async () => {
  const { signatures, send } = arrange();
  expect(await signatures.verifyCall(send())).toEqual(principal);
});

test('an unsigned call is refused, also if it only names a principal', async () => {
  const { signatures, send } = arrange();
  await expect(signatures.verifyCall(call)).rejects.toThrow(refusal('missing'));
  const { [SIGNATURE_HEADER]: _signature, ...unsigned } = send().headers;
  await expect(signatures.verifyCall({ ...call, headers: unsigned })).rejects.toThrow(refusal('missing'));
});

test.each([
  ['audience', { audience: 'resources' }],
  ['method', { method: 'GET' }],
  ['path', { path: '/graphql?all=true' }],
  ['body', { body: '{"query":"{ __schema }"}' }],
] as const)('a call whose %s was altered is refused', async (_part, change) => {
  const { signatures, send } = arrange();
  await expect(signatures.verifyCall({ ...send(), ...change })).rejects.toThrow(refusal('signature'));
});

test('a call whose principal or signed header was altered, added or dropped is refused', async () => {
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
    await expect(signatures.verifyCall({ ...sent, headers })).rejects.toThrow(refusal('signature'));
  }
  const withoutHeader = send({ ...call, headers: {} });
  await expect(
    signatures.verifyCall({
      ...withoutHeader,
      headers: { ...withoutHeader.headers, 'x-request-id': 'added' },
    }),
  ).rejects.toThrow(refusal('signature'));
});

test('a call whose expiry, nonce or key was altered is refused', async () => {
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
    await expect(signatures.verifyCall({ ...sent, headers })).rejects.toThrow(refusal('signature'));
  }
});

test.each(['', 'k1', 'k1.1.2.3', `k1.${'9'.repeat(20)}.${'n'.repeat(22)}.${'m'.repeat(43)}`, 'k1.1..'])(
  'a signature that cannot be read is refused: %j',
  async (signature) => {
    const { signatures, send } = arrange();
    const sent = send();
    await expect(
      signatures.verifyCall({ ...sent, headers: { ...sent.headers, [SIGNATURE_HEADER]: signature } }),
    ).rejects.toThrow(refusal('malformed'));
  },
);

test('a signature is good for 30 seconds', async () => {
  const { hand, signatures, send } = arrange();
  const [early, late] = [send(), send()];
  hand.seconds = 30;
  expect(await signatures.verifyCall(early)).toEqual(principal);
  hand.seconds = 30.001;
  await expect(signatures.verifyCall(late)).rejects.toThrow(refusal('expired'));
});

test('a signature from a clock that is far ahead is refused', async () => {
  const { hand, signatures, send } = arrange();
  hand.seconds = 31;
  const ahead = send();
  hand.seconds = 0;
  await expect(signatures.verifyCall(ahead)).rejects.toThrow(refusal('not_yet_valid'));
});

test.each([0, 31, 59])(
  'a call made at second %i is accepted once, as long as its signature is good',
  async (second) => {
    const { hand, signatures, send } = arrange();
    await signatures.verifyCall(send());
    hand.seconds = second;
    const sent = send();
    await signatures.verifyCall(sent);
    for (const later of [0, 2, 15, 30]) {
      hand.seconds = second + later;
      await expect(signatures.verifyCall(sent)).rejects.toThrow(refusal('replayed'));
      await signatures.verifyCall(send());
    }
  },
);

test('replays are remembered in bounded room: what does not fit is turned away, not forgotten', async () => {
  const { hand, signatures, send } = arrange({ noncesMax: 2 });
  const first = send();
  await signatures.verifyCall(first);
  await signatures.verifyCall(send());
  await expect(signatures.verifyCall(send())).rejects.toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({ code: 'UNAVAILABLE' }) as unknown,
    }) as Error,
  );
  await expect(signatures.verifyCall(first)).rejects.toThrow(refusal('replayed'));
  hand.seconds = 121;
  expect(await signatures.verifyCall(send())).toEqual(principal);
});

test('keys rotate without a refused call: the new one is accepted before it signs, the old one until it is dropped', async () => {
  const [older, newer] = [
    { id: 'older', secret: secret(1) },
    { id: 'newer', secret: secret(2) },
  ];
  const before = arrange({ keys: [older, newer] });
  const after = arrange({ keys: [newer, older] });
  const dropped = arrange({ keys: [newer] });
  expect(await after.signatures.verifyCall(before.send())).toEqual(principal);
  expect(await before.signatures.verifyCall(after.send())).toEqual(principal);
  expect(await dropped.signatures.verifyCall(after.send())).toEqual(principal);
  await expect(dropped.signatures.verifyCall(before.send())).rejects.toThrow(refusal('key'));
});

test('a principal with rights in a thousand projects fits into a header', async () => {
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
  expect(await signatures.verifyCall({ ...call, headers: { ...call.headers, ...headers } })).toEqual(busy);
});

test('no key, a short key and a key id that could not be read back are refused at once', () => {
  expect(() => createCallSignatures({ keys: [] })).toThrow('needs a key');
  expect(() => createCallSignatures({ keys: [{ id: 'k', secret: new Uint8Array(31) }] })).toThrow('32 bytes');
  expect(() => createCallSignatures({ keys: [{ id: 'k.1', secret: secret(1) }] })).toThrow('id');
});

test('a call that a replica has accepted is refused by the others, unless it changes nothing', async () => {
  const keys = [{ id: 'k1', secret: secret(1) }];
  const seen = new Set<string>();
  const sharedNonces = {
    claim: (nonce: string) => Promise.resolve(!seen.has(nonce) && seen.add(nonce).has(nonce)),
  };
  const [one, other] = [1, 2].map(() => createCallSignatures({ keys, sharedNonces })) as [
    CallSignatures,
    CallSignatures,
  ];
  for (const method of ['POST', 'CONNECT', 'SUBSCRIBE']) {
    const asked = { ...call, method };
    const sent = { ...asked, headers: { ...asked.headers, ...one.signCall(asked, principal) } };
    expect(await one.verifyCall(sent)).toEqual(principal);
    for (const replica of [one, other])
      await expect(replica.verifyCall(sent)).rejects.toThrow(refusal('replayed'));
  }
  const read = { ...call, method: 'GET' };
  const sent = { ...read, headers: { ...read.headers, ...one.signCall(read, principal) } };
  expect(await one.verifyCall(sent)).toEqual(principal);
  expect(await other.verifyCall(sent)).toEqual(principal);
  await expect(one.verifyCall(sent)).rejects.toThrow(refusal('replayed'));
});
