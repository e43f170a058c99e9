import type { Batch, Kafka, KafkaMessage } from 'kafkajs';
import type { Positioned } from '../eventStore/event.js';
import { pause } from '../pause.js';
import type { Log } from '../telemetry/log.js';
import { createCounter, createReading } from '../telemetry/metrics.js';
import { isNotYet } from './kafkaClient.js';
import { consume } from './kafkaConsumer.js';
import { readMessage } from './kafkaMessage.js';
import { type KafkaTopics, PARTITION, topicOf } from './kafkaTopics.js';

const heard = createCounter(
  'fleetgraph_kafka_events_heard_total',
  'Events that arrived on Kafka, repeated ones too.',
  ['context'],
);
const refusedMessages = createCounter(
  'fleetgraph_kafka_refused_messages_total',
  'Messages on a topic of events that are no event of its context, and were passed over.',
  ['context'],
);
const hearing = createReading(
  'fleetgraph_kafka_hearing',
  'Whether what is published on Kafka arrives at this process.',
  [],
);

/** Topics that are asked for within this time are joined together: each join stops all for a moment. */
const GATHER_MS = 50;
const TRY_AGAIN_MS = 500;
/** How often a broker that answers may say "not yet" before that is an outage. */
const PATIENCE = 5;

/**
 * The one consumer of a process. Its group is its own and thrown away, and nothing is committed: where it goes on after an
 * outage or when a topic is added it knows itself, so it misses nothing that was published since it first looked.
 */
export interface KafkaReader extends AsyncDisposable {
  /**
   * Resolves once nothing more can be missed. While Kafka is away it resolves all the same: what is published before it is
   * back may be missed.
   */
  subscribe(context: string, receive: Receive): Promise<() => void>;
  /** Whether what is published arrives now. */
  isHearing(): boolean;
}

type Receive = (events: readonly Positioned[]) => void;

interface Place {
  readonly context: string;
  readonly topic: string;
  readonly receivers: Set<Receive>;
  /** The offset of the next message; null until Kafka has once said where the topic ends. */
  next: bigint | null;
}

export function createKafkaReader(options: {
  kafka: Kafka;
  topics: KafkaTopics;
  name: string;
  log: Log;
}): KafkaReader {
  const { kafka, topics, name, log } = options;
  const places = new Map<string, Place>();
  const stop = new AbortController();
  let change = new AbortController();
  let joined: ReadonlySet<string> = new Set();
  let keeping: Promise<void> | null = null;
  let failures = 0;
  let isAway = false;
  let isHearing = false;
  const stopMeasuring = hearing.from(() => [[{}, isHearing ? 1 : 0]]);

  async function keep(): Promise<void> {
    while (!stop.signal.aborted) {
      await pause(GATHER_MS, stop.signal);
      change = new AbortController();
      joined = new Set(places.keys());
      try {
        await read([...places.values()], AbortSignal.any([stop.signal, change.signal]));
      } catch (error) {
        if (++failures >= PATIENCE || !isNotYet(error)) noteAway(error);
        for (const topic of joined) topics.forget(topic);
        await pause(TRY_AGAIN_MS, stop.signal);
      }
    }
  }

  async function read(wanted: readonly Place[], signal: AbortSignal): Promise<void> {
    for (const place of wanted) {
      await topics.ensure(place.topic);
      await locate(place);
    }
    await consume(kafka, {
      name,
      topics: wanted.map(({ topic }) => topic),
      onJoin(consumer) {
        for (const { topic, next } of wanted)
          consumer.seek({ topic, partition: PARTITION, offset: String(next ?? 0n) });
        noteHearing();
      },
      onBatch,
      signal,
    }).finally(() => (isHearing = false));
  }

  function onBatch({ topic, partition, highWatermark, messages }: Batch): void {
    const place = places.get(topic);
    if (!place || partition !== PARTITION) return;
    // It was deleted and made anew: nothing of this topic has been seen.
    if (place.next !== null && BigInt(highWatermark) < place.next) place.next = null;
    hand(place, messages);
  }

  function hand(place: Place, messages: readonly KafkaMessage[]): void {
    const { next, receivers } = place;
    const fresh = messages.filter(({ offset }) => next === null || BigInt(offset) >= next);
    const last = fresh.at(-1);
    if (!last) return;
    const events = fresh.flatMap((message) => eventIn(place, message));
    heard.inc({ context: place.context }, events.length);
    if (events.length > 0) for (const receive of receivers) receive(events);
    place.next = BigInt(last.offset) + 1n;
  }

  function eventIn({ context, topic }: Place, { value, offset }: KafkaMessage): Positioned[] {
    const event = readMessage(context, value);
    if (!('refused' in event)) return [event];
    refusedMessages.inc({ context });
    log.error({ topic, offset, reason: event.refused }, 'message is no event, passed over');
    return [];
  }

  async function locate(place: Place): Promise<void> {
    if (place.next !== null) return;
    const end = await topics.end(place.topic);
    place.next ??= end;
  }

  /** Said once for each time that Kafka is away, not for every attempt. */
  function noteAway(error: unknown): void {
    if (!isAway) log.warn({ error }, 'Kafka cannot be read, histories are asked instead');
    isAway = true;
  }

  function noteHearing(): void {
    if (isAway) log.info('Kafka is read again');
    failures = 0;
    isAway = false;
    isHearing = true;
  }

  return {
    async subscribe(context, receive) {
      const topic = topicOf(context);
      const place = places.get(topic) ?? { context, topic, receivers: new Set(), next: null };
      places.set(topic, place);
      place.receivers.add(receive);
      if (!isAway) await locate(place).catch(noteAway);
      keeping ??= keep();
      if (!joined.has(topic)) change.abort();
      return () => void place.receivers.delete(receive);
    },
    isHearing: () => isHearing,
    async [Symbol.asyncDispose]() {
      stopMeasuring();
      stop.abort();
      await keeping;
    },
  };
}
