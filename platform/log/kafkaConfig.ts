import { z } from 'zod';

/** Where Kafka is and how it is spoken to. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly sasl: KafkaSasl | null;
  /** How long a topic that we create keeps its events. */
  readonly retentionMs: number;
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

const HOUR_MS = 3_600_000;

const broker = z.string().regex(/^(\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, 'is not host:port');

/**
 * The environment variables of Kafka, read alike by every process; null without KAFKA_BROKERS. A company's own authority
 * is trusted by Node's NODE_EXTRA_CA_CERTS.
 */
export const kafkaEnvironment = z
  .object({
    KAFKA_BROKERS: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .pipe(z.array(broker))
      .optional(),
    KAFKA_TLS: z.enum(['on', 'off']).default('off'),
    KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    KAFKA_USERNAME: z.string().min(1).optional(),
    KAFKA_PASSWORD: z.string().min(1).optional(),
    KAFKA_RETENTION_HOURS: z.coerce.number('a whole number is needed').int().min(1).max(87_600).default(168),
  })
  .transform((values, issues): KafkaOptions | null => {
    const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = values;
    const given = [mechanism, username, password].filter((value) => value !== undefined).length;
    if (given !== 0 && given !== 3)
      issues.addIssue('KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD belong together');
    if (!values.KAFKA_BROKERS) return null;
    return {
      brokers: values.KAFKA_BROKERS,
      tls: values.KAFKA_TLS === 'on',
      sasl: mechanism && username && password ? { mechanism, username, password } : null,
      retentionMs: values.KAFKA_RETENTION_HOURS * HOUR_MS,
    };
  });

/** Every variable that is read. */
export const KAFKA_VARIABLES = Object.keys(kafkaEnvironment.in.shape);
