import { randomUUID } from 'node:crypto';
import type { Batch, Consumer, Kafka } from 'kafkajs';

/** How long the broker may keep an empty answer back. What is published is answered at once. */
const WAIT_MS = 250;

/**
 * Reads topics until the signal aborts, in a group of its own that is thrown away; nothing is committed. Fails when the
 * connection does, whatever may be worth trying again. `name` is the process's.
 */
export async function consume(
  kafka: Kafka,
  reading: {
    name: string;
    topics: string[];
    /** Before the first fetch of every membership: the time to say where to begin, which otherwise is the end. */
    onJoin: (consumer: Consumer) => void;
    onBatch: (batch: Batch) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { name, topics, onJoin, onBatch, signal } = reading;
  const consumer = kafka.consumer({
    groupId: `fleetgraph-${name}-${randomUUID()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: WAIT_MS,
    // A consumer that has failed is replaced: a new group need not wait for the old one's member to time out.
    retry: { retries: 0, restartOnFailure: () => Promise.resolve(false) },
  });
  const crash = crashOf(consumer);
  consumer.on(consumer.events.GROUP_JOIN, () => onJoin(consumer));
  const start = async () => {
    await consumer.connect();
    await consumer.subscribe({ topics });
    await consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => onBatch(batch) });
  };
  try {
    await Promise.race([start(), crash]);
    await Promise.race([aborted(signal), crash]);
  } finally {
    await consumer.disconnect();
  }
}

/** Rejects when the consumer gives up. */
function crashOf(consumer: Consumer): Promise<never> {
  const crash = new Promise<never>((_, reject) =>
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error)),
  );
  crash.catch(() => undefined);
  return crash;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
