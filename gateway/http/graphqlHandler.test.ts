import { request } from 'node:http';
import { expect, test } from 'vitest';
import { PublicError } from '../../platform/errors.js';
import { startTestGateway, until } from '../../test/testkit/gateway.js';
import { readPositions, writePositions } from './positions.js';

const greeting = { query: '{ greeting }' };
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: [{ extensions: { code: string } }] }).errors[0].extensions.code;

test('a query by POST is answered as text of the engine', async () => {
  await using gateway = await startTestGateway();
  const response = await gateway.post(greeting);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('{"data":{"greeting":"Hello"}}');
});

test('a query by GET is answered, with variables from the address', async () => {
  await using gateway = await startTestGateway();
  const query = encodeURIComponent('query ($count: Int!) { lines(count: $count) }');
  const variables = encodeURIComponent('{"count":2}');
  const headers = { authorization: 'Bearer ada' };
  const response = await fetch(`${gateway.graphql}?query=${query}&variables=${variables}`, { headers });
  expect(((await response.json()) as { data: { lines: string[] } }).data.lines).toHaveLength(2);
});

test.each([
  ['application/graphql-response+json', 400],
  ['application/json', 200],
])('a document that cannot run answers %s with status %i', async (accept, status) => {
  await using gateway = await startTestGateway();
  const response = await gateway.post({ query: '{ nothing }' }, { accept });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
});

test.each([
  ['a batch', '[{"query":"{ greeting }"}]', {}, 400, 'BAD_REQUEST'],
  ['a body that is no JSON', '{', {}, 400, 'BAD_REQUEST'],
  [
    'a form',
    'query={greeting}',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['plain text', '{"query":"{ greeting }"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a compressed body', 'x', { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['an answer as an image', greeting, { accept: 'image/png' }, 406, 'NOT_ACCEPTABLE'],
  ['a subscription without a stream', { query: 'subscription { silence }' }, {}, 406, 'NOT_ACCEPTABLE'],
  ['positions that cannot be read', greeting, { 'fleetgraph-positions': 'WzFd' }, 400, 'BAD_REQUEST'],
  ['a wrong token', greeting, { authorization: 'Basic x' }, 401, 'UNAUTHENTICATED'],
])('%s is refused', async (_title, body, headers, ...expected) => {
  await using gateway = await startTestGateway();
  const response = await gateway.post(body, headers as Record<string, string>);
  expect([response.status, await codeOf(response)]).toEqual(expected);
});

test('a mutation by GET is refused and does nothing', async () => {
  await using gateway = await startTestGateway();
  const headers = { authorization: 'Bearer ada' };
  const response = await fetch(`${gateway.graphql}?query=mutation{write(position:"1")}`, { headers });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  const positions = await gateway.post({ query: '{ positions }' });
  expect(await positions.text()).toBe('{"data":{"positions":"{}"}}');
});

test('PUT is refused', async () => {
  await using gateway = await startTestGateway();
  const response = await fetch(gateway.graphql, { method: 'PUT', body: '{}' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('a GET that another site could send is refused, one that it could not is served', async () => {
  const anybody = () => Promise.resolve({ principal: null, id: 'anonymous', expiresAt: null });
  await using gateway = await startTestGateway({ authenticate: anybody });
  const address = `${gateway.graphql}?query={greeting}`;
  const refused = await fetch(address);
  expect([refused.status, await codeOf(refused)]).toEqual([403, 'PREFLIGHT_REQUIRED']);
  expect((await fetch(address, { headers: { 'x-requested-with': 'fetch' } })).status).toBe(200);
  expect((await fetch(`${gateway.graphql}?query={__typename}`)).status).toBe(200);
});

const bytesMax = 1_000;
const bodyOf = (bytes: number) => JSON.stringify(greeting).padEnd(bytes, ' ');

test('a body of as many bytes as allowed is read, one more is refused', async () => {
  await using gateway = await startTestGateway({ settings: { bytesMax } });
  expect((await gateway.post(bodyOf(bytesMax))).status).toBe(200);
  const refused = await gateway.post(bodyOf(bytesMax + 1));
  expect([refused.status, await codeOf(refused)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

test('a body that says to be too large is refused before it is sent', async () => {
  await using gateway = await startTestGateway({ settings: { bytesMax } });
  const headers = { 'content-type': 'application/json', 'content-length': 1_000_000_000 };
  const status = await new Promise((resolve, reject) => {
    const sending = request(gateway.graphql, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode);
      sending.destroy();
    });
    sending.on('error', reject).flushHeaders();
  });
  expect(status).toBe(413);
});

test('a body in chunks is refused as soon as it is too large', async () => {
  await using gateway = await startTestGateway({ settings: { bytesMax } });
  const headers = { 'content-type': 'application/json' };
  const status = await new Promise((resolve, reject) => {
    const sending = request(gateway.graphql, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode);
      sending.destroy();
    });
    // It is never ended.
    sending.on('error', reject).write(bodyOf(bytesMax + 1));
  });
  expect(status).toBe(413);
});

test('callers without a token may ask what the API looks like, and nothing else', async () => {
  await using gateway = await startTestGateway();
  const anonymous = (query: string) =>
    fetch(gateway.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  expect((await anonymous('{ __schema { types { name } } }')).status).toBe(200);
  for (const query of ['{ greeting }', '{ __typename greeting }', 'mutation { write(position: "1") }']) {
    const refused = await anonymous(query);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await codeOf(refused)).toBe('UNAUTHENTICATED');
  }
});

test('where introspection is not public, callers without a token are refused', async () => {
  await using gateway = await startTestGateway({ settings: { allowAnonymousIntrospection: false } });
  const response = await gateway.post({ query: '{ __typename }' }, {});
  expect(response.status).toBe(200);
  const anonymous = await fetch(`${gateway.graphql}?query={__typename}`);
  expect(anonymous.status).toBe(401);
});

test('an unknown error shows neither its message nor a host, and is found in the log by its id', async () => {
  const authenticate = () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:5432'));
  await using gateway = await startTestGateway({ authenticate });
  const response = await gateway.post(greeting, { 'x-request-id': 'request-7' });
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).toContain('INTERNAL_SERVER_ERROR');
  expect(text).toContain('request-7');
  expect(text).not.toMatch(/ECONNREFUSED|10\.1\.2\.3/);
  expect(gateway.lines.find((line) => line.includes('request-7'))).toContain('ECONNREFUSED');
});

test('a part that cannot be reached now is told as such', async () => {
  const authenticate = () =>
    Promise.reject(new PublicError('UNAVAILABLE', 'The issuer cannot be reached', 'Wait.', {}, true));
  await using gateway = await startTestGateway({ authenticate });
  const response = await gateway.post(greeting);
  expect([response.status, await codeOf(response)]).toEqual([503, 'UNAVAILABLE']);
});

test('the request id is kept if it can be logged, and made otherwise', async () => {
  await using gateway = await startTestGateway();
  const kept = await gateway.post(greeting, { 'x-request-id': 'a-1' });
  const made = await gateway.post(greeting, { 'x-request-id': 'a 1 "' });
  expect(kept.headers.get('x-request-id')).toBe('a-1');
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('each operation is logged with its id, name and caller, and without its token', async () => {
  await using gateway = await startTestGateway();
  const query = 'query Greeting { greeting }';
  await gateway.post({ query, operationName: 'Greeting' }, { 'x-request-id': 'a-2' });
  const [line = ''] = gateway.lines.filter((candidate) => candidate.includes('a-2'));
  expect(JSON.parse(line)).toMatchObject({
    requestId: 'a-2',
    operation: 'Greeting',
    kind: 'query',
    caller: 'ada',
  });
  expect(line).not.toContain('Bearer');
});

test('callers read what they wrote, here at once and elsewhere by the header; nobody else waits for it', async () => {
  await using gateway = await startTestGateway();
  await using other = await startTestGateway();
  const read = async (from: typeof gateway, headers: Record<string, string> = {}) =>
    JSON.parse(
      (
        (await (await from.post({ query: '{ positions }' }, headers)).json()) as {
          data: { positions: string };
        }
      ).data.positions,
    ) as unknown;

  const written = await gateway.post({ query: 'mutation { write(position: "12") }' });
  const header = written.headers.get('fleetgraph-positions') ?? '';
  expect(readPositions(header)).toEqual({ a: '12' });
  expect(await read(gateway)).toEqual({ a: '12' });
  expect(await read(gateway, { authorization: 'Bearer bob' })).toEqual({});
  expect(await read(other)).toEqual({});
  expect(await read(other, { 'fleetgraph-positions': header })).toEqual({ a: '12' });
  expect(await read(gateway, { 'fleetgraph-positions': writePositions({ a: '9', b: '3' }) })).toEqual({
    a: '12',
    b: '3',
  });
});

test('a client that hangs up aborts its query', async () => {
  await using gateway = await startTestGateway();
  const controller = new AbortController();
  const answer = fetch(gateway.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ada' },
    body: JSON.stringify({ query: 'query Waiting { slow(ms: 10000) }' }),
    signal: controller.signal,
  });
  void until(() => gateway.seen.waiting === 1).then(() => controller.abort());
  await expect(answer).rejects.toThrow('aborted');
  await until(() => gateway.seen.aborted === 1);
});

test('a query that takes too long is aborted', async () => {
  await using gateway = await startTestGateway({ settings: { requestTimeoutMs: 50 } });
  await gateway.post({ query: '{ slow(ms: 10000) }' });
  expect(gateway.seen.aborted).toBe(1);
});

test('concurrent equal queries of three callers each get their own answer', async () => {
  await using gateway = await startTestGateway();
  const names = Array.from({ length: 60 }, (_, index) => ['ada', 'bob', 'cyd'][index % 3] ?? '');
  const answers = await Promise.all(
    names.map(async (name) => {
      const response = await gateway.post({ query: '{ caller }' }, { authorization: `Bearer ${name}` });
      return response.text();
    }),
  );
  expect(answers).toEqual(
    names.map((name) => `{"data":{"caller":${JSON.stringify(JSON.stringify({ name }))}}}`),
  );
});

test('pages of a foreign origin are told nothing, those of a known one may call', async () => {
  await using gateway = await startTestGateway({ origins: ['https://console.example'] });
  const preflight = (origin: string) => fetch(gateway.graphql, { method: 'OPTIONS', headers: { origin } });
  const known = await preflight('https://console.example');
  expect([known.status, known.headers.get('access-control-allow-origin')]).toEqual([
    204,
    'https://console.example',
  ]);
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
});
