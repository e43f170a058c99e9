import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { until } from '../../test/testkit/until.js';
import { unavailable } from '../errors.js';
import { systemPrincipal } from '../identity/principal.js';
import { PRINCIPAL_HEADER, SIGNATURE_HEADER } from '../identity/signature.js';
import { ada, type RawCall, send, sign, signedQuery, startToy, type Toy } from './subgraphServer.fixture.js';

const codeOf = ({ body }: Awaited<ReturnType<typeof send>>) => body.errors?.[0]?.extensions.code;

test('a signed call is executed as its principal, with its ids and positions', async () => {
  await using toy = await startToy();
  const { status, body } = await send(toy, signedQuery(toy, '{ call }'));
  expect(status).toBe(200);
  expect(JSON.parse(body.data?.['call'] ?? '')).toEqual({
    principal: ada,
    requestId: 'r1',
    correlationId: 'c1',
    positions: { toy: '5' },
  });
});

test('what a mutation wrote goes back with the answer', async () => {
  await using toy = await startToy();
  const { body } = await send(toy, signedQuery(toy, 'mutation { write }'));
  expect(body).toEqual({ data: { write: true }, extensions: { positions: { toy: '7' } } });
});

test('a refusal of the domain is an answer; an unexpected error says nothing but its id', async () => {
  await using toy = await startToy();
  const { status, body } = await send(toy, signedQuery(toy, '{ refused broken }'));
  expect(status).toBe(200);
  expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual([
    'BUDGET_EXCEEDED',
    'INTERNAL_SERVER_ERROR',
  ]);
  expect(JSON.stringify(body)).not.toContain('db-7');
  expect(toy.lines.join('')).toContain(String(body.errors?.[1]?.extensions.details['id']));
});

const withHeaders = (call: RawCall, headers: Record<string, string>): RawCall => ({
  ...call,
  headers: { ...call.headers, ...headers },
});

const other = Buffer.from(JSON.stringify({ ...ada, id: 'user_eve' })).toString('base64url');
const ahead = () => new Date(Date.now() + 120_000);
const before = () => new Date(Date.now() - 31_000);

const refusals: [string, string, (toy: Toy, call: RawCall) => RawCall][] = [
  ['unsigned', 'missing', (_toy, call) => ({ ...call, headers: {} })],
  ['without a principal', 'missing', (_toy, call) => withoutHeader(call, PRINCIPAL_HEADER)],
  ['with another body', 'signature', (_toy, call) => ({ ...call, body: '{"query":"{ call  }"}' })],
  [
    'with another principal',
    'signature',
    (_toy, call) => withHeaders(call, { [PRINCIPAL_HEADER]: `j.${other}` }),
  ],
  ['with another request id', 'signature', (_toy, call) => withHeaders(call, { 'x-request-id': 'r2' })],
  [
    'with another correlation id',
    'signature',
    (_toy, call) => withHeaders(call, { 'x-correlation-id': 'c2' }),
  ],
  ['without its positions', 'signature', (_toy, call) => withoutHeader(call, 'fleetgraph-positions')],
  [
    'sent to another path',
    'signature',
    (_toy, call) => ({ ...call, path: '/internal/calls/add', body: '[]' }),
  ],
  ['sent with a query string', 'signature', (_toy, call) => ({ ...call, path: '/graphql?x' })],
  ['for another subgraph', 'signature', ({ keys }, call) => sign(keys, call, ada, { audience: 'other' })],
  [
    'with a key unknown here',
    'key',
    (_toy, call) => sign([{ id: 'k9', secret: randomBytes(32) }], call, ada),
  ],
  [
    'with a stolen key id',
    'signature',
    (_toy, call) => sign([{ id: 'k1', secret: randomBytes(32) }], call, ada),
  ],
  ['that has expired', 'expired', ({ keys }, call) => sign(keys, call, ada, { clock: before })],
  ['from the future', 'not_yet_valid', ({ keys }, call) => sign(keys, call, ada, { clock: ahead })],
  [
    'with a signature that is none',
    'malformed',
    (_toy, call) => withHeaders(call, { [SIGNATURE_HEADER]: 'x' }),
  ],
];

function withoutHeader(call: RawCall, name: string): RawCall {
  const { [name]: _, ...headers } = call.headers;
  return { ...call, headers };
}

test.each(refusals)('a call %s is refused and runs nothing', async (_what, reason, alter) => {
  await using toy = await startToy();
  const answer = await send(toy, alter(toy, signedQuery(toy, '{ call }')));
  expect(answer.status).toBe(401);
  expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', details: { reason } });
  expect(toy.noticed.executed).toBe(0);
});

test('a call that is sent again is refused and runs nothing twice', async () => {
  await using toy = await startToy();
  const call = signedQuery(toy, '{ call }');
  expect((await send(toy, call)).status).toBe(200);
  const again = await send(toy, call);
  expect(again.status).toBe(401);
  expect(again.body.errors?.[0]?.extensions.details).toEqual({ reason: 'replayed' });
  expect(toy.noticed.executed).toBe(1);
});

test('a new key is accepted beside the old one while keys are rotated', async () => {
  const [old, fresh] = [1, 2].map((id) => ({ id: `k${id}`, secret: randomBytes(32) }));
  if (!old || !fresh) throw new Error('unreachable');
  await using toy = await startToy({ keys: [old, fresh] });
  for (const keys of [[old], [fresh]])
    expect((await send(toy, signedQuery({ keys }, '{ call }'))).status).toBe(200);
});

test('what breaks the rules of a request is refused by its own code', async () => {
  await using toy = await startToy();
  const post = (body: string) => sign(toy.keys, { method: 'POST', path: '/graphql', body });
  expect(codeOf(await send(toy, post('{')))).toBe('BAD_REQUEST');
  expect(codeOf(await send(toy, post('null')))).toBe('BAD_REQUEST');
  expect(codeOf(await send(toy, post('[{"query":"{ call }"}]')))).toBe('BAD_REQUEST');
  expect(codeOf(await send(toy, post('{"query":"{ call }","variables":[]}')))).toBe('BAD_REQUEST');
  expect(codeOf(await send(toy, post('{"query":"{"}')))).toBe('GRAPHQL_PARSE_FAILED');
  expect((await send(toy, sign(toy.keys, { method: 'GET', path: '/graphql', body: '' }))).status).toBe(405);
  expect((await send(toy, sign(toy.keys, { method: 'GET', path: '/nowhere', body: '' }))).status).toBe(404);
  expect(toy.noticed.executed).toBe(0);
});

test('a body over the limit is refused before it was read', async () => {
  await using toy = await startToy();
  const body = JSON.stringify({ query: '{ call }', padding: 'x'.repeat(4 * 1024 * 1024) });
  const answer = await send(toy, sign(toy.keys, { method: 'POST', path: '/graphql', body }));
  expect([answer.status, codeOf(answer)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

test('a principal with rights in a thousand projects fits', async () => {
  await using toy = await startToy();
  const ids = Array.from({ length: 1_000 }, () => `project_${randomBytes(13).toString('hex')}`);
  const projects = Object.fromEntries(ids.map((id) => [id, ['project:view', 'instance:request']]));
  const { body } = await send(toy, signedQuery(toy, '{ call }', { ...ada, projects }));
  expect(JSON.parse(body.data?.['call'] ?? '')).toMatchObject({ principal: { projects } });
});

test.each([
  ['POST', '/internal/calls/add', '[{"left":1,"right":2}]'],
  ['GET', '/internal/history?after=0&limit=10', ''],
  ['GET', '/internal/head', ''],
])('%s %s answers other contexts, and no person, whatever their rights', async (method, path, body) => {
  await using toy = await startToy();
  const call = { method, path, body };
  expect((await send(toy, sign(toy.keys, call, systemPrincipal('billing')))).status).toBe(200);
  const answer = await send(toy, sign(toy.keys, call, { ...ada, everywhere: ['*'] }));
  expect([answer.status, codeOf(answer)]).toEqual([403, 'FORBIDDEN']);
  expect((await send(toy, { ...call, headers: {} })).status).toBe(401);
});

test('health needs no signature; readiness names what is missing and nothing else', async () => {
  let databaseIsThere = true;
  const database = () => (databaseIsThere ? Promise.resolve() : Promise.reject(unavailable('The database')));
  const broken = () => (databaseIsThere ? Promise.resolve() : Promise.reject(new Error('host db-7')));
  await using toy = await startToy({ readiness: { database, broken } });
  const get = (path: string) => send(toy, { method: 'GET', path, body: '', headers: {} });
  expect(await get('/livez')).toEqual({ status: 200, body: { alive: true } });
  expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true } });
  databaseIsThere = false;
  expect(await get('/readyz')).toEqual({
    status: 503,
    body: {
      ready: false,
      reasons: { database: 'The database cannot be reached now', broken: 'It cannot be used now' },
    },
  });
});

test('a server that is stopped answers what it has taken, and takes no more', async () => {
  await using toy = await startToy();
  const answer = send(toy, signedQuery(toy, '{ slow }'));
  await until('the call is under way', () => toy.noticed.waiting === 1);
  const stopped = toy.server[Symbol.asyncDispose]();
  await expect(send(toy, signedQuery(toy, '{ call }'))).rejects.toThrow('fetch failed');
  toy.release();
  expect(await answer).toEqual({ status: 200, body: { data: { slow: 'done' } } });
  await stopped;
});
