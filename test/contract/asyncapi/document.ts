import { join } from 'node:path';
import type { SubgraphName } from '../../../contracts/subgraphs.js';
import { UPCASTERS } from '../../../contracts/upcasters.js';
import { projectRoot } from '../../../platform/compiled.js';
import { currentSchemaVersion } from '../../../platform/eventStore/upcast.js';
import { topicOf } from '../../../platform/log/kafkaTopics.js';
import { GPU_METRICS_TOPIC } from '../../../subgraphs/resources/metrics/metricsTopic.js';
import { MEASURES } from '../../../subgraphs/resources/metrics/reading.js';
import { type EventSchema, eventSchemas, type Schema } from './eventSchemas.js';

const text = (description: string): Schema => ({ type: 'string', description });
const textOrNull = (description: string): Schema => ({ type: ['string', 'null'], description });
const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description });

/** The topics and messages of Fleetgraph as an AsyncAPI 3 document: what docs/asyncapi.json holds. */
export function asyncApiDocument() {
  const { events, schemas } = eventSchemas(join(projectRoot, 'contracts'));
  const contexts = [...new Set(events.map(({ context }) => context))];
  const of = (context: string) => events.filter((event) => event.context === context);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of Fleetgraph',
      version: '1.0.0',
      description:
        'Every fact that Fleetgraph stores, announced on Apache Kafka. Guarantees and how to read: docs/events.md.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      ...Object.fromEntries(contexts.map((context) => [context, channel(context, of(context))])),
      'gpu-metrics': gpuMetricsChannel,
    },
    operations: Object.fromEntries(
      [...contexts, 'gpu-metrics'].map((context) => [
        `publish-${context}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${context}` },
          summary:
            context === 'gpu-metrics'
              ? 'Tells what GPUs are measured to do, once or not at all.'
              : `Announces what ${context} has stored, at least once and in order.`,
        },
      ]),
    ),
    components: {
      messages: {
        ...Object.fromEntries(events.map((event) => [event.type, message(event)])),
        GpuMetrics: gpuMetricsMessage,
      },
      schemas: { Envelope, Headers, ...schemas },
    },
  };
}

const channel = (context: string, events: readonly EventSchema[]) => ({
  address: topicOf(context),
  description: `The facts of ${context}, in the order in which they were stored.`,
  messages: Object.fromEntries(
    events.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }] as const),
  ),
  bindings: {
    kafka: {
      partitions: 1,
      topicConfiguration: { 'cleanup.policy': ['delete'] },
      bindingVersion: '0.5.0',
    },
  },
});

const message = ({ context, type, description, data }: EventSchema) => ({
  name: type,
  ...(description !== null && { description }),
  headers: { $ref: '#/components/schemas/Headers' },
  payload: {
    allOf: [
      { $ref: '#/components/schemas/Envelope' },
      {
        type: 'object',
        properties: {
          context: { const: context },
          type: { const: type },
          schemaVersion: { const: currentSchemaVersion(UPCASTERS[context as SubgraphName], type) },
          data,
        },
      },
    ],
  },
  bindings: {
    kafka: { key: { type: 'string', description: 'The id of the stream.' }, bindingVersion: '0.5.0' },
  },
});

const gpuMetricsChannel = {
  address: GPU_METRICS_TOPIC.name,
  description:
    'What the GPUs of a node were last measured to do. Only the newest counts, and none is kept for long.',
  messages: { GpuMetrics: { $ref: '#/components/messages/GpuMetrics' } },
  bindings: {
    kafka: {
      partitions: GPU_METRICS_TOPIC.partitions,
      topicConfiguration: {
        'cleanup.policy': ['delete'],
        'retention.ms': GPU_METRICS_TOPIC.retentionMs,
      },
      bindingVersion: '0.5.0',
    },
  },
};

const gpuMetricsMessage = {
  name: 'GpuMetrics',
  description: 'One look at the exporter of a node. What an exporter does not tell is null.',
  payload: {
    type: 'object',
    required: ['nodeId', 'at', 'gpus'],
    properties: {
      nodeId: text('Also the key of the message.'),
      at: time('When it was measured, by the clock of the process that asked.'),
      gpus: {
        type: 'array',
        items: {
          type: 'object',
          required: ['gpuId', 'uuid', ...MEASURES],
          properties: {
            gpuId: text('The id of the GPU in the graph.'),
            uuid: textOrNull('The vendor’s id of the device.'),
            ...Object.fromEntries(MEASURES.map((measure) => [measure, { type: ['number', 'null'] }])),
          },
        },
      },
    },
  },
  bindings: {
    kafka: { key: { type: 'string', description: 'The id of the node.' }, bindingVersion: '0.5.0' },
  },
};

const envelopeFields = {
  id: text('A UUID (version 7). The same whenever the event is announced.'),
  context: text('Whose fact it is.'),
  streamId: text('The thing that it is about. Also the key of the message.'),
  version: { type: 'integer', minimum: 1, description: 'Counts the events of the stream, without a gap.' },
  position: {
    type: 'string',
    pattern: '^[1-9][0-9]{0,17}$',
    description:
      'The place in the context’s order, a whole number as text. It grows by one from event to event: drop what is not greater than the last one seen.',
  },
  type: text('What happened.'),
  schemaVersion: { type: 'integer', minimum: 1, description: 'The version of `data`.' },
  data: { type: 'object', description: 'What is to be known of it.' },
  projectId: textOrNull('The project that it belongs to; null for what belongs to the whole organisation.'),
  actor: {
    type: 'object',
    required: ['id', 'kind'],
    properties: { id: { type: 'string' }, kind: { enum: ['USER', 'SERVICE_ACCOUNT', 'API_KEY', 'SYSTEM'] } },
    description: 'Who did it. Names of people are not in events.',
  },
  onBehalfOf: textOrNull('The person for whom a service account or a part of Fleetgraph acted.'),
  requestId: text('The request in which it happened.'),
  correlationId: text('The same for everything that one request set off, in all contexts.'),
  causationId: textOrNull('The id of the event or request that led to this one.'),
  occurredAt: time('When it was decided, by the database’s clock.'),
  recordedAt: time('When it was stored. Also the timestamp of the message.'),
} satisfies Record<string, Schema>;

const Envelope: Schema = {
  type: 'object',
  description: 'What all events have. Later versions may add fields: pass over those that you do not know.',
  required: Object.keys(envelopeFields),
  properties: {
    ...envelopeFields,
    trace: text('The span in which it was stored, as a W3C traceparent; absent unless that was recorded.'),
  },
};

const headerFields = {
  position: text('As in the value.'),
  id: text('As in the value.'),
  type: text('As in the value.'),
  schemaVersion: text('As in the value.'),
  context: text('As in the value.'),
  correlationId: text('As in the value.'),
  contentType: { const: 'application/json' },
} satisfies Record<string, Schema>;

const Headers: Schema = {
  type: 'object',
  description: 'So that a reader can choose without parsing values. All are text.',
  required: Object.keys(headerFields),
  properties: { ...headerFields, traceparent: text('`trace` of the value, if it is there.') },
};
