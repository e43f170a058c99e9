import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Log } from '../telemetry/log.js';
import type { KafkaOptions } from './kafkaConfig.js';

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** What is worth trying at once, in kafkajs. What stays away is tried again by whoever asked. */
const RETRY = { initialRetryTime: 100, retries: 2 };

/** `name` is shown by the broker: which process this is. */
export const createKafkaClient = ({ brokers, tls, sasl }: KafkaOptions, name: string, log: Log): Kafka =>
  new Kafka({
    clientId: `fleetgraph-${name}`,
    brokers: [...brokers],
    ssl: tls,
    ...(sasl && { sasl: { ...sasl } as never }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    logLevel: logLevel.INFO,
    // What kafkajs calls an error it mostly tries again; what it cannot mend reaches us as an exception.
    logCreator:
      () =>
      ({ namespace, label, log: { message, timestamp: _ours, logger: _kafkajs, ...facts } }) =>
        log.debug({ kafkajs: { namespace, label, ...facts } }, message),
  });

/**
 * Whether a broker that answers says that it cannot do this yet: a topic that was just made has no leader, a coordinator
 * is loading. As an error of kafkajs, which does not export its classes.
 */
export const isNotYet = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'KafkaJSProtocolError' &&
  (error as { retriable?: boolean }).retriable === true;

/** A connection for administration, for one task. */
export async function withAdmin<Result>(
  kafka: Kafka,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
