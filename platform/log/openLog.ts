import type { Log } from '../telemetry/log.js';
import { createInProcessLog } from './inProcessLog.js';
import type { KafkaOptions } from './kafkaConfig.js';
import { createKafkaLog } from './kafkaLog.js';
import type { EventLog } from './log.js';

/** Of histories that are near: Kafka is all that is away. */
const AWAY_POLL_MS = 100;

/**
 * The log of the process `name`: Kafka where there is one, else its own, with which other processes' events are heard of
 * every `pollMs`.
 */
export function openEventLog(options: {
  kafka: KafkaOptions | null;
  name: string;
  pollMs?: number;
  log: Log;
}): EventLog {
  const { kafka, name, pollMs, log } = options;
  return kafka
    ? createKafkaLog({ kafka, name, awayPollMs: pollMs ?? AWAY_POLL_MS, log })
    : createInProcessLog({ pollMs });
}
