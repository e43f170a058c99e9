import { type Admin, Kafka as KafkaClient, logLevel } from 'kafkajs';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Position, Positioned } from '../../platform/eventStore/event.js';
import type { KafkaOptions } from '../../platform/log/kafkaConfig.js';
import { createKafkaLog } from '../../platform/log/kafkaLog.js';
import { topicOf } from '../../platform/log/kafkaTopics.js';
import { type EventLog, LogAway, POLL_MS } from '../../platform/log/log.js';
import { createTail } from '../../platform/log/tail.js';
import { createLog } from '../../platform/telemetry/log.js';
import { registry } from '../../platform/telemetry/metrics.js';
import { produce, readTopic } from '../engines/kcat.js';
import { type Kafka, startKafka } from '../engines/kafka.js';
import { announced } from '../testkit/announced.js';
import { until } from '../testkit/until.js';
import { describeEventLog } from './log.suite.js';

const AWAY_POLL_MS = 20;
const RETENTION_MS = 3_600_000;

let kafka: Kafka;
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka?.[Symbol.asyncDispose]());

function openLog(lines: string[] = []): EventLog {
  const options: KafkaOptions = {
    brokers: [kafka.brokers],
    tls: false,
    sasl: null,
    retentionMs: RETENTION_MS,
  };
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ name: 'test', level: 'info', destination });
  return createKafkaLog({ kafka: options, name: 'test', awayPollMs: AWAY_POLL_MS, log });
}

/** In Kafka's protocol. */
const TOPIC_RESOURCE = 2;

async function administer(work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new KafkaClient({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
}

const newContext = () => `context-${ulid().toLowerCase()}`;

const range = (context: string, from: number, to: number): Positioned[] =>
  Array.from({ length: to - from + 1 }, (_, n) => announced(context, BigInt(from + n)));

const positions = (events: readonly Positioned[]) => events.map(({ position }) => position);

async function listen(log: EventLog, context: string): Promise<Position[]> {
  const seen: Position[] = [];
  await log.subscribe(context, (events) => void seen.push(...positions(events)));
  return seen;
}

const hears = (log: EventLog) => log.pollMs() === POLL_MS;

async function refusedOf(context: string): Promise<number> {
  const { values } = (await registry.getSingleMetric('fleetgraph_kafka_refused_messages_total')?.get()) ?? {
    values: [],
  };
  return values.find(({ labels }) => labels['context'] === context)?.value ?? 0;
}

/** As a relay does it: from the same place until it succeeds. */
async function publishAgainAndAgain(log: EventLog, context: string, events: Positioned[]): Promise<void> {
  await until('it is published', () => succeeds(log.publish(context, events)), 60_000);
}

const succeeds = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

describe('a Kafka log', () => {
  describeEventLog(() => Promise.resolve(openLog()));

  test('what one process publishes every other process hears', async () => {
    await using publisher = openLog();
    await using first = openLog();
    await using second = openLog();
    const context = newContext();
    const heard = [await listen(first, context), await listen(second, context)];
    await publisher.publish(context, range(context, 1, 3));
    for (const seen of heard) await until('it is heard', () => seen.length === 3);
    expect(heard).toEqual([
      [1n, 2n, 3n],
      [1n, 2n, 3n],
    ]);
  });

  test('an independent client reads every event in order, under its stream, with its headers', async () => {
    await using log = openLog();
    const context = newContext();
    const events = range(context, 1, 50);
    await log.publish(context, events.slice(0, 20));
    await log.publish(context, events.slice(20));
    const seen = await readTopic(kafka.brokers, topicOf(context));
    expect(seen).toHaveLength(50);
    for (const [n, { partition, key, value, headers, timestampMs }] of seen.entries()) {
      const { position, ...event } = announced(context, BigInt(n + 1));
      expect({ partition, key, timestampMs }).toEqual({
        partition: 0,
        key: event.streamId,
        timestampMs: Date.parse(event.recordedAt),
      });
      expect(JSON.parse(value ?? '')).toEqual({ ...event, position: String(position) });
      expect(headers).toEqual({
        position: String(position),
        id: event.id,
        type: event.type,
        schemaVersion: '1',
        context,
        correlationId: event.correlationId,
        contentType: 'application/json',
      });
    }
  });

  test('a topic is created with one partition and the configured retention', async () => {
    await using log = openLog();
    const context = newContext();
    await log.publish(context, range(context, 1, 1));
    const topic = topicOf(context);
    await administer(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions).toHaveLength(1);
      const { resources } = await admin.describeConfigs({
        resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: ['retention.ms'] }],
        includeSynonyms: false,
      });
      expect(resources[0]?.configEntries[0]?.configValue).toBe(String(RETENTION_MS));
    });
  });

  test('a topic that somebody deletes is made anew, and heard again', async () => {
    await using log = openLog();
    const context = newContext();
    const seen = await listen(log, context);
    await log.publish(context, range(context, 1, 20));
    await until('it is heard', () => seen.length === 20);
    await administer((admin) => admin.deleteTopics({ topics: [topicOf(context)] }));
    // A deletion takes a while: what is published meanwhile may succeed, fail, or be deleted with the topic.
    await until('it is heard again', async () => {
      await succeeds(log.publish(context, range(context, 21, 21)));
      return seen.includes(21n);
    });
    expect(await readTopic(kafka.brokers, topicOf(context))).not.toHaveLength(0);
  });

  test('what is no event is passed over, logged and counted, and the next event is heard', async () => {
    const lines: string[] = [];
    await using log = openLog(lines);
    const context = newContext();
    const seen = await listen(log, context);
    for (const garbage of ['garbage', '{"position":"1"}', '[[[[', '{"context":"other"}'])
      await produce(kafka.brokers, topicOf(context), garbage);
    await log.publish(context, range(context, 1, 1));
    await until('the event is heard', () => seen.length > 0);
    expect(seen).toEqual([1n]);
    expect(await refusedOf(context)).toBe(4);
    expect(lines.filter((line) => line.includes('message is no event'))).toHaveLength(4);
  });

  test('a tail hears at once what is announced, once each, however often it is', async () => {
    await using log = openLog();
    const context = newContext();
    const stored: Positioned[] = [];
    const history = {
      context,
      head: () => Promise.resolve(BigInt(stored.length)),
      readContext: (after: Position, limit: number) =>
        Promise.resolve(stored.slice(Number(after), Number(after) + limit)),
    };
    await using tail = await createTail({ history, log, onError: (error) => expect.fail(String(error)) });
    const stop = new AbortController();
    const seen: Position[] = [];
    const reading = (async () => {
      for await (const events of tail.from(0n, stop.signal)) seen.push(...positions(events));
    })();
    for (let from = 1; from <= 91; from += 10) {
      const batch = range(context, from, from + 9);
      stored.push(...batch);
      await log.publish(context, batch);
      await log.publish(context, batch.slice(3));
    }
    await until('all are seen', () => seen.length >= 100);
    expect(seen).toEqual(positions(range(context, 1, 100)));
    stop.abort();
    await reading;
  });
});

describe('a broker that fails', () => {
  test('killed: publishing fails until it is back, and then everybody hears everything, in order', async () => {
    const lines: string[] = [];
    const publisherLines: string[] = [];
    await using publisher = openLog(publisherLines);
    await using log = openLog(lines);
    await using late = openLog();
    const context = newContext();
    const seen = await listen(log, context);
    await publisher.publish(context, range(context, 1, 10));
    await until('the first are heard', () => seen.length === 10);
    expect(log.pollMs()).toBe(POLL_MS);

    await kafka.stop('SIGKILL');
    await until('the outage is noticed', () => !hears(log));
    expect(log.pollMs()).toBe(AWAY_POLL_MS);
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(publisher.publish(context, range(context, 11, 20))).rejects.toBeInstanceOf(LogAway);
    const began = performance.now();
    const seenLate = await listen(late, context);
    expect(performance.now() - began).toBeLessThan(5_000);

    const restarting = kafka.start();
    await publishAgainAndAgain(publisher, context, range(context, 11, 20));
    await restarting;
    await until('whoever subscribed meanwhile hears, too', () => hears(late));
    await publisher.publish(context, range(context, 21, 30));

    await until('all are heard', () => seen.includes(30n) && seenLate.includes(30n));
    expect([...new Set(seen)]).toEqual(positions(range(context, 1, 30)));
    expect(log.pollMs()).toBe(POLL_MS);
    const said = (text: string) => [...lines, ...publisherLines].filter((line) => line.includes(text)).length;
    expect([said('Kafka cannot be read'), said('Kafka is read again')]).toEqual([1, 1]);
    expect([said('Kafka cannot be written'), said('Kafka is written again')]).toEqual([1, 1]);
  });

  test('standing still: publishing is given up in seconds, and succeeds when it moves again', async () => {
    await using log = openLog();
    const context = newContext();
    const seen = await listen(log, context);
    await log.publish(context, range(context, 1, 1));
    process.kill(kafka.pid(), 'SIGSTOP');
    try {
      let began = 0;
      await until('it has stopped', async () => {
        began = performance.now();
        return !(await succeeds(log.publish(context, range(context, 2, 2))));
      });
      expect(performance.now() - began).toBeLessThan(12_000);
    } finally {
      process.kill(kafka.pid(), 'SIGCONT');
    }
    await publishAgainAndAgain(log, context, range(context, 2, 3));
    await until('all are heard', () => seen.includes(3n));
    expect([...new Set(seen)]).toEqual([1n, 2n, 3n]);
  });
});
