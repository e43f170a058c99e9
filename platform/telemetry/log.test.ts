import { expect, test } from 'vitest';
import { createLog } from './log.js';
import { withinRequest } from './scope.js';

function logged(facts: Record<string, unknown>): Record<string, unknown> {
  const lines: string[] = [];
  createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } }).info(
    facts,
    'something',
  );
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

test('a line tells when, where and what', () => {
  expect(logged({ requestId: 'a' })).toMatchObject({ name: 'test', requestId: 'a', msg: 'something' });
  expect(Date.parse(String(logged({})['time']))).not.toBeNaN();
});

test('a line carries the ids of the request that it is a part of, and of none outside of one', async () => {
  const ids = { requestId: 'request_1', correlationId: 'correlation_1' };
  const within = await withinRequest(ids, async () => {
    await new Promise(setImmediate);
    return logged({ status: 'late' });
  });
  expect(within).toMatchObject({ ...ids, status: 'late' });
  expect(logged({ status: 'late' })).not.toHaveProperty('requestId');
});

test('secrets are hidden, also inside other facts, which stay as they are', () => {
  const facts = { token: 'x', request: { headers: { authorization: 'Bearer x', host: 'a' } } };
  expect(logged(facts)).toMatchObject({
    token: '[hidden]',
    request: { headers: { authorization: '[hidden]', host: 'a' } },
  });
  expect(facts.token).toBe('x');
});

test('an error is logged with its message and stack', () => {
  expect(logged({ err: new Error('broken') })).toMatchObject({
    err: { message: 'broken', stack: expect.any(String) },
  });
});
