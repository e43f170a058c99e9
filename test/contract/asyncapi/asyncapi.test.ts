import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../platform/compiled.js';
import { toMessage } from '../../../platform/log/kafkaMessage.js';
import { topicOf } from '../../../platform/log/kafkaTopics.js';
import { GPU_METRICS_TOPIC, toSample } from '../../../subgraphs/resources/metrics/metricsTopic.js';
import { MEASURES, type Reading } from '../../../subgraphs/resources/metrics/reading.js';
import { announced } from '../../testkit/announced.js';
import { asyncApiDocument } from './document.js';
import { createMessageCheck, DOCUMENT_FILE } from './validation.js';

const document = asyncApiDocument();
const check = createMessageCheck(JSON.stringify(document));
const goldenFolder = join(projectRoot, 'contracts', 'golden');

/** The golden facts of the newest versions, as messages. */
const goldens = readdirSync(goldenFolder, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
  const [, context = '', type = '', version = ''] = /^(\w+)\/(\w+)\.v(\d+)\.json$/.exec(file) ?? [];
  if (type === '') return [];
  const data = JSON.parse(readFileSync(join(goldenFolder, file), 'utf8')) as object;
  return [{ ...announced(context, 7n), type, schemaVersion: Number(version), data }];
});

const golden = (type: string) => goldens.find((event) => event.type === type) ?? announced('toy', 1n);

const published = (event: (typeof goldens)[number]) => {
  const { value, headers = {} } = toMessage(event);
  return check(topicOf(event.context), { value, headers });
};

// `npx vitest run --project unit test/contract/asyncapi -u` writes it anew.
test('docs/asyncapi.json says what the types of contracts/ say', async () => {
  const options = await resolveConfig(DOCUMENT_FILE);
  const json = await format(JSON.stringify(document), { ...options, filepath: DOCUMENT_FILE });
  await expect(json).toMatchFileSnapshot(DOCUMENT_FILE);
});

test('every type of event is a message of its context’s channel, and every golden fact fits it as it is published', () => {
  const contexts = Object.entries<{ messages: object }>(document.channels).filter(
    ([name]) => name !== 'gpu-metrics',
  );
  const described = contexts.flatMap(([context, { messages }]) =>
    Object.keys(messages).map((type) => `${context}.${type}`),
  );
  expect(new Set(described)).toEqual(new Set(goldens.map(({ context, type }) => `${context}.${type}`)));
  expect([...described, 'GpuMetrics']).toHaveLength(Object.keys(document.components.messages).length);
  for (const event of goldens) expect([event.type, published(event)]).toEqual([event.type, null]);
});

test('the envelope and the headers are described with exactly the fields that are published', () => {
  const { value, headers } = toMessage(announced('billing', 7n));
  const { Envelope, Headers } = document.components.schemas;
  expect(Envelope.required).toEqual(expect.arrayContaining(Object.keys(JSON.parse(value) as object)));
  expect(Object.keys(JSON.parse(value) as object)).toEqual(
    expect.arrayContaining(Envelope.required as string[]),
  );
  expect(new Set(Headers.required as string[])).toEqual(new Set(Object.keys(headers ?? {})));
});

test('what is told of a node’s GPUs fits its description, and lacking a measure does not', () => {
  const reading = Object.fromEntries(MEASURES.map((measure, n) => [measure, n % 2 ? n : null])) as Reading;
  const sample = toSample('node_1', [{ gpuId: 'gpu_1', uuid: null, atMs: 1_763_719_200_123, reading }]);
  const told = (value: object) =>
    check(GPU_METRICS_TOPIC.name, { value: JSON.stringify(value), headers: {} });
  expect(told(sample)).toBeNull();
  expect(told({ ...sample, gpus: [{ gpuId: 'gpu_1', uuid: null }] })).not.toBeNull();
});

test.each([
  ['lacks a field', { ...golden('QuotaSet'), data: { id: 'quota_1' } }],
  ['has text for a number', { ...golden('JobQueued'), data: { ...golden('JobQueued').data, attempt: '1' } }],
  [
    'has a word that is none',
    { ...golden('JobQueued'), data: { ...golden('JobQueued').data, cause: 'LUCK' } },
  ],
  ['is of another context', { ...golden('QuotaSet'), context: 'billing' }],
  ['has a version that is not described', { ...golden('QuotaSet'), schemaVersion: 2 }],
])('an event that %s does not fit', (_what, event) => {
  expect(published(event)).not.toBeNull();
});
