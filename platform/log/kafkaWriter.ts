import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import type { Log } from '../telemetry/log.js';
import type { KafkaTopics } from './kafkaTopics.js';
import { LogAway } from './log.js';

/** Below the megabyte that a broker takes in one batch by default. */
const BATCH_BYTES = 512 * 1_024;
const SEND_TIMEOUT_MS = 5_000;
const DEADLINE_MS = 10_000;
const ALL_REPLICAS = -1;

export interface KafkaWriter extends AsyncDisposable {
  /**
   * Resolves when all replicas that the cluster asks for have the messages, in their order. Rejects with LogAway within 10 s
   * otherwise; then some may have been written all the same.
   */
  write(topic: string, messages: readonly (Message & { value: string })[]): Promise<void>;
}

/**
 * One connection for everything that a process publishes. After a failure it is made anew, because what a half-closed one
 * would do next is nobody's promise.
 */
export function createKafkaWriter(kafka: Kafka, topics: KafkaTopics, log: Log): KafkaWriter {
  let producer: Promise<Producer> | null = null;
  let isAway = false;

  async function connect(): Promise<Producer> {
    const made = kafka.producer({
      allowAutoTopicCreation: false,
      // Sequence numbers would only spare readers duplicates, which they drop by position anyway.
      idempotent: false,
      // The partition that a message names; by its key where it names none.
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await made.connect();
    return made;
  }

  async function send(topic: string, messages: readonly (Message & { value: string })[]): Promise<void> {
    await topics.ensure(topic);
    producer ??= connect();
    const connected = await producer;
    for (const batch of inBatches(messages))
      await connected.send({ topic, messages: batch, acks: ALL_REPLICAS, timeout: SEND_TIMEOUT_MS });
  }

  function startAnew(topic: string): void {
    topics.forget(topic);
    const failed = producer;
    producer = null;
    failed?.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  /** Said once for each time that Kafka is away, not for every attempt. */
  function noteAway(error: unknown): void {
    if (!isAway) log.warn({ error }, 'Kafka cannot be written, will try again');
    isAway = true;
  }

  function noteBack(): void {
    if (isAway) log.info('Kafka is written again');
    isAway = false;
  }

  return {
    async write(topic, messages) {
      try {
        await within(DEADLINE_MS, send(topic, messages));
      } catch (error) {
        startAnew(topic);
        noteAway(error);
        throw new LogAway('Kafka cannot be written', { cause: error });
      }
      noteBack();
    },
    async [Symbol.asyncDispose]() {
      await (await producer?.catch(() => null))?.disconnect();
    },
  };
}

/** The messages in batches that a broker accepts. A single one may be larger. */
export function* inBatches<Sized extends { value: string }>(messages: readonly Sized[]): Generator<Sized[]> {
  let batch: Sized[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.value);
    if (batch.length > 0 && bytes + size > BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Kafka has not answered within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
