import { expect, test } from 'vitest';
import { SUBGRAPH_NAMES, type SubgraphName } from '../../contracts/subgraphs.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import { topicOf } from '../../platform/log/kafkaTopics.js';
import { createMessageCheck } from '../contract/asyncapi/validation.js';
import { readTopic, type SeenMessage } from '../engines/kcat.js';
import { until } from '../testkit/until.js';

const EVENTS_MAX = 100_000;
const check = createMessageCheck();

/** That the topics of a fleet hold what its store holds, after whatever has happened to it. */
export function topicsSuite(
  fleet: () => { readonly brokers: string; readonly database: Pick<Database, 'prisma'> },
): void {
  test.each(SUBGRAPH_NAMES)(
    'an independent client finds every event that %s has stored, in order, and as docs/asyncapi.json says',
    async (context) => {
      const { brokers, database } = fleet();
      const topic = topicOf(context);
      const stored = await storedEvents(database, context);
      expect(stored.length).toBeGreaterThan(0);
      let messages: SeenMessage[] = [];
      await until('the newest is announced', async () => {
        messages = await readTopic(brokers, topic);
        return messages.some(({ headers }) => headers['id'] === stored.at(-1)?.id);
      });

      expect(firstOccurrences(messages).slice(0, stored.length)).toEqual(
        stored.map(({ position, id }) => ({ position: String(position), id })),
      );
      for (const message of messages)
        expect([message.headers['type'], check(topic, message)]).toEqual([message.headers['type'], null]);
    },
  );
}

const storedEvents = ({ prisma }: Pick<Database, 'prisma'>, context: SubgraphName) =>
  createEventStore(prisma, context, UPCASTERS[context]).readContext(0n, EVENTS_MAX);

/** As a reader sees them that drops what it has seen. */
function firstOccurrences(messages: readonly SeenMessage[]) {
  let last = 0n;
  return messages.flatMap(({ headers: { position = '0', id } }) => {
    if (BigInt(position) <= last) return [];
    last = BigInt(position);
    return [{ position, id }];
  });
}
