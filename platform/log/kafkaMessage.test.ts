import { expect, test } from 'vitest';
import { announced } from '../../test/testkit/announced.js';
import { readMessage, toMessage } from './kafkaMessage.js';
import { inBatches } from './kafkaWriter.js';

const event = announced('toy', 2n ** 53n + 1n);

test('an event comes out of its message as it went in, whatever the size of its position', () => {
  const { key, value, headers, timestamp } = toMessage(event);
  expect(readMessage('toy', Buffer.from(value))).toEqual(event);
  expect(key).toBe(event.streamId);
  expect(timestamp).toBe(String(Date.parse(event.recordedAt)));
  expect(headers).toEqual({
    position: '9007199254740993',
    id: event.id,
    type: 'PebblesAdded',
    schemaVersion: '1',
    context: 'toy',
    correlationId: 'correlation_1',
    contentType: 'application/json',
  });
});

test('the trace of an event is in its message, and in the header where tracing looks for it', () => {
  const traced = { ...event, trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  const { value, headers } = toMessage(traced);
  expect(readMessage('toy', Buffer.from(value))).toEqual(traced);
  expect(headers).toMatchObject({ traceparent: traced.trace });
});

const changed = (change: object) => JSON.stringify({ ...JSON.parse(toMessage(event).value), ...change });

test.each([
  ['nothing', null],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
  ['text that is no JSON', 'hello'],
  ['JSON that is no event', '[]'],
  ['an event of another context', changed({ context: 'other' })],
  ['an event without a position', changed({ position: undefined })],
  ['a position that is no number', changed({ position: 'first' })],
  ['a position before the first', changed({ position: '0' })],
  ['an actor of no known kind', changed({ actor: { id: 'x', kind: 'ROBOT' } })],
  ['data that is no object', changed({ data: [1] })],
])('%s is no event', (_what, value) => {
  const read = readMessage('toy', value === null ? null : Buffer.from(value));
  expect(read).toEqual({ refused: expect.any(String) as string });
});

test('a field that a newer version has added is passed over', () => {
  expect(readMessage('toy', Buffer.from(changed({ invented: 'later' })))).toEqual(event);
});

test('batches keep the order, stay below the limit of a broker, and hold an event that is larger alone', () => {
  const messages = [300_000, 300_000, 100, 2_000_000, 100].map((size, n) => ({ n, value: 'x'.repeat(size) }));
  expect([...inBatches(messages)].map((batch) => batch.map(({ n }) => n))).toEqual([[0], [1, 2], [3], [4]]);
  expect([...inBatches([])]).toEqual([]);
});
