import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { isNotYet, withAdmin } from './kafkaClient.js';

/** All events of a context are in order in this one partition. */
export const PARTITION = 0;

export const topicOf = (context: string): string => `fleetgraph.${context}.events`;

const LOOKS_MAX = 20;
const LOOK_EVERY_MS = 100;

/** The topics of one cluster. Each is created when it is first needed, and looked for once. */
export interface KafkaTopics {
  ensure(topic: string): Promise<void>;
  /** Look for it again: it may have been deleted. */
  forget(topic: string): void;
  /** The offset that the next event will have. */
  end(topic: string): Promise<bigint>;
}

export function createKafkaTopics(
  kafka: Kafka,
  { partitions = 1, retentionMs }: { partitions?: number; retentionMs: number },
): KafkaTopics {
  const known = new Map<string, Promise<void>>();

  async function create(topic: string): Promise<void> {
    await withAdmin(kafka, async (admin) => {
      // A cluster where only an operator may create topics has them already.
      if ((await admin.listTopics()).includes(topic)) return;
      // How many replicas there are, and how many must have an event, is the cluster's to say.
      await admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: partitions,
            configEntries: [{ name: 'retention.ms', value: String(retentionMs) }],
          },
        ],
      });
    });
  }

  function ensure(topic: string): Promise<void> {
    const creating = known.get(topic) ?? create(topic);
    known.set(topic, creating);
    creating.catch(() => known.delete(topic));
    return creating;
  }

  async function lookUpEnd(topic: string): Promise<bigint> {
    const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
    const place = offsets.find(({ partition }) => partition === PARTITION);
    if (!place) throw new Error(`${topic} has no partition ${PARTITION}`);
    return BigInt(place.high);
  }

  return {
    ensure,
    forget: (topic) => void known.delete(topic),
    async end(topic) {
      await ensure(topic);
      for (let look = 1; ; look++) {
        try {
          return await lookUpEnd(topic);
        } catch (error) {
          if (!isNotYet(error) || look === LOOKS_MAX) throw error;
          await delay(LOOK_EVERY_MS);
        }
      }
    },
  };
}
