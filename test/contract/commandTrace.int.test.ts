import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { traced } from '../../platform/telemetry/tracing.js';
import { createJars, jarDatabase } from '../testkit/jars.js';
import { recordSpans } from '../testkit/recordedSpans.js';

const database = await jarDatabase({ poolMax: 5 });
afterAll(() => database[Symbol.asyncDispose]());

test('an event keeps the span of its command, and what follows from it later is a part of that trace', async () => {
  const jars = createJars(database);
  const spans = recordSpans();
  const id = `jar_${ulid()}`;
  await traced('request', {}, () => jars.make(id));
  const [made] = await jars.store.readStream(id);
  await jars.add(id, 1, { trace: made?.trace });

  const named = (name: string) => spans().filter((span) => span.name === name);
  const [request] = named('request');
  const [first, second] = spans().filter(({ name }) => name.startsWith('command '));
  expect(first?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  expect(made?.trace).toBe(`00-${request?.spanContext().traceId}-${first?.spanContext().spanId}-01`);
  expect(second?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId);
  expect(first?.attributes).toMatchObject({
    'fleetgraph.context': jars.context,
    'fleetgraph.outcome': 'stored',
    'fleetgraph.streams': [id],
    'fleetgraph.events': ['JarMade'],
  });
});

test('the statements of a command are spans of it, by name and without a value', async () => {
  const jars = createJars(database);
  const spans = recordSpans();
  const id = `jar_${ulid()}`;
  await traced('request', {}, () => jars.make(id, { idempotencyKey: 'key-to-be-kept' }));
  const command = spans().find(({ name }) => name.startsWith('command '));
  const statements = spans().filter(
    ({ parentSpanContext }) => parentSpanContext?.spanId === command?.spanContext().spanId,
  );
  expect(statements.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'BEGIN',
      'INSERT eventlog.command',
      'INSERT toy.jar',
      'UPDATE eventlog.command',
      'SELECT eventlog.append',
      'COMMIT',
    ]),
  );
  const told = JSON.stringify(statements.map(({ name, attributes }) => [name, attributes]));
  expect(told).not.toContain(id);
  expect(told).not.toContain('key-to-be-kept');
});

test('an event that nobody traces carries nothing of it', async () => {
  const jars = createJars(database);
  const id = `jar_${ulid()}`;
  await jars.make(id);
  const [made] = await jars.store.readStream(id);
  expect(made).not.toHaveProperty('trace');
});
