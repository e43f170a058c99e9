import type { Log } from '../telemetry/log.js';
import { pause } from '../pause.js';
import { createKafkaClient } from './kafkaClient.js';
import type { KafkaOptions } from './kafkaConfig.js';
import { consume } from './kafkaConsumer.js';
import { createKafkaTopics } from './kafkaTopics.js';
import { createKafkaWriter } from './kafkaWriter.js';

const TRY_AGAIN_MS = 1_000;

/**
 * What is measured again and again, so that nobody keeps it: those who listen get what is published from then on, of each
 * key in order, and lose what is published while Kafka is away.
 */
export interface SampleStream extends AsyncDisposable {
  /** `value` is JSON. Nobody waits for it, and a failure is no error. */
  publish(key: string, value: object): void;
  /** Whether what others publish arrives here now. */
  isHearing(): boolean;
}

export interface SampleTopic {
  readonly name: string;
  /** Keys are spread over so many. */
  readonly partitions: number;
  readonly retentionMs: number;
}

/** `name` is the process's. `receive` gets every value, this process's own ones too; what is no JSON is passed over. */
export function createKafkaSamples(options: {
  kafka: KafkaOptions;
  topic: SampleTopic;
  name: string;
  receive: (value: unknown) => void;
  log: Log;
}): SampleStream {
  const { topic, name, receive, log } = options;
  const kafka = createKafkaClient(options.kafka, name, log);
  const topics = createKafkaTopics(kafka, topic);
  const writer = createKafkaWriter(kafka, topics, log);
  const stop = new AbortController();
  /** By key: one that is still on its way is not joined by the next. */
  const sending = new Map<string, Promise<void>>();
  let isHearing = false;

  async function listen(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await topics.ensure(topic.name);
        await consume(kafka, {
          name,
          topics: [topic.name],
          onJoin: () => (isHearing = true),
          onBatch: ({ messages }) => messages.forEach(({ value }) => receiveJson(value)),
          signal: stop.signal,
        });
      } catch (error) {
        log.debug({ error, topic: topic.name }, 'samples cannot be read, will try again');
        topics.forget(topic.name);
      } finally {
        isHearing = false;
      }
      await pause(TRY_AGAIN_MS, stop.signal);
    }
  }

  function receiveJson(text: Buffer | null): void {
    let value: unknown;
    try {
      value = JSON.parse(text?.toString('utf8') ?? '');
    } catch {
      return;
    }
    receive(value);
  }

  const listening = listen();
  return {
    publish(key, value) {
      if (sending.has(key)) return;
      const sent = writer
        .write(topic.name, [{ key, value: JSON.stringify(value) }])
        // That Kafka is away the writer has said.
        .catch(() => undefined)
        .finally(() => sending.delete(key));
      sending.set(key, sent);
    },
    isHearing: () => isHearing,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listening;
      await Promise.all(sending.values());
      await writer[Symbol.asyncDispose]();
    },
  };
}
