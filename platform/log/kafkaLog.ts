import type { Log } from '../telemetry/log.js';
import { createCounter } from '../telemetry/metrics.js';
import { createKafkaClient } from './kafkaClient.js';
import type { KafkaOptions } from './kafkaConfig.js';
import { toMessage } from './kafkaMessage.js';
import { createKafkaReader } from './kafkaReader.js';
import { createKafkaTopics, topicOf } from './kafkaTopics.js';
import { createKafkaWriter } from './kafkaWriter.js';
import { POLL_MS, type EventLog } from './log.js';

const published = createCounter(
  'fleetgraph_kafka_events_published_total',
  'Events that were published on Kafka, repeated ones too.',
  ['context'],
);

/**
 * The log of a company's installation: each context's events in the one partition of its topic (docs/events.md). Nothing
 * here needs Kafka to be there at the start: publishing fails until it is, and is tried again by the relay; readers look
 * at the histories every `awayPollMs` until they hear. `name` is the process's.
 */
export function createKafkaLog(options: {
  kafka: KafkaOptions;
  name: string;
  awayPollMs: number;
  log: Log;
}): EventLog {
  const { name, awayPollMs, log } = options;
  const kafka = createKafkaClient(options.kafka, name, log);
  const topics = createKafkaTopics(kafka, options.kafka);
  const writer = createKafkaWriter(kafka, topics, log);
  const reader = createKafkaReader({ kafka, topics, name, log });

  return {
    isShared: true,
    async publish(context, events) {
      if (events.length === 0) return;
      await writer.write(topicOf(context), events.map(toMessage));
      published.inc({ context }, events.length);
    },
    async subscribe(context, receive) {
      const unsubscribe = await reader.subscribe(context, receive);
      return async () => unsubscribe();
    },
    pollMs: () => (reader.isHearing() ? POLL_MS : awayPollMs),
    async [Symbol.asyncDispose]() {
      await Promise.all([reader[Symbol.asyncDispose](), writer[Symbol.asyncDispose]()]);
    },
  };
}
