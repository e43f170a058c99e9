import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CallContext } from '../gateway/transports/transport.js';
import { ada, startToy } from '../platform/server/subgraphServer.fixture.js';
import { createSignedTransport } from './signedTransport.js';

const call: CallContext = {
  principal: ada,
  requestId: 'r1',
  correlationId: 'c1',
  positions: { governance: '12' },
  signal: new AbortController().signal,
};
const query = { document: '{ call }', variables: null };
const subscription = { document: 'subscription { count(to: 1) }', variables: null };

test('what the gateway knows of a call arrives with it, over HTTP and over a socket', async () => {
  await using toy = await startToy();
  await using transport = createSignedTransport({ name: 'toy', url: toy.url, keys: toy.keys });
  const { data } = await transport.execute(query, call);
  const { principal, requestId, correlationId, positions } = call;
  expect(JSON.parse(String(data?.['call']))).toEqual({ principal, requestId, correlationId, positions });
  const event = await transport
    .subscribe({ ...subscription, document: 'subscription { subscriber }' }, call)
    .next();
  expect(event.value).toEqual({ data: { subscriber: JSON.stringify(ada) } });
});

test('a refusal of the domain is an answer like any other', async () => {
  await using toy = await startToy();
  await using transport = createSignedTransport({ name: 'toy', url: toy.url, keys: toy.keys });
  const { errors } = await transport.execute({ ...query, document: '{ refused }' }, call);
  expect(errors).toMatchObject([{ path: ['refused'], extensions: { code: 'BUDGET_EXCEEDED' } }]);
});

test('a subgraph that does not accept our signature is lost to us, and no caller is asked to sign in again', async () => {
  await using toy = await startToy();
  for (const options of [{ keys: [{ id: 'k1', secret: randomBytes(32) }] }, { name: 'other' }]) {
    await using transport = createSignedTransport({ name: 'toy', url: toy.url, keys: toy.keys, ...options });
    await expect(transport.execute(query, call)).rejects.toThrow('does not accept our signature');
    await expect(transport.subscribe(subscription, call).next()).rejects.toThrow();
  }
});

test('a call without a principal is not sent', async () => {
  await using toy = await startToy();
  await using transport = createSignedTransport({ name: 'toy', url: toy.url, keys: toy.keys });
  const anonymous = { ...call, principal: null };
  await expect(transport.execute(query, anonymous)).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  });
  expect(toy.noticed.executed).toBe(0);
});
