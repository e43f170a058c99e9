import { expect, test } from 'vitest';
import { kafkaEnvironment } from './kafkaConfig.js';

test('without brokers there is no Kafka', () => {
  expect(kafkaEnvironment.parse({})).toBeNull();
});

test('brokers, TLS, a user and the retention are read', () => {
  const env = {
    KAFKA_BROKERS: 'kafka-1.example.com:9093, 10.0.0.2:9093,[::1]:9093',
    KAFKA_TLS: 'on',
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_USERNAME: 'fleetgraph',
    KAFKA_PASSWORD: 'secret',
    KAFKA_RETENTION_HOURS: '36',
  };
  expect(kafkaEnvironment.parse(env)).toEqual({
    brokers: ['kafka-1.example.com:9093', '10.0.0.2:9093', '[::1]:9093'],
    tls: true,
    sasl: { mechanism: 'scram-sha-512', username: 'fleetgraph', password: 'secret' },
    retentionMs: 129_600_000,
  });
});

test.each([
  ['a broker without a port', { KAFKA_BROKERS: 'kafka' }, 'KAFKA_BROKERS'],
  ['an empty list', { KAFKA_BROKERS: '' }, 'KAFKA_BROKERS'],
  ['TLS that is neither on nor off', { KAFKA_TLS: 'yes' }, 'KAFKA_TLS'],
  ['a user without a password', { KAFKA_USERNAME: 'x', KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_PASSWORD'],
  ['a mechanism that we do not speak', { KAFKA_SASL_MECHANISM: 'gssapi' }, 'KAFKA_SASL_MECHANISM'],
  ['no retention', { KAFKA_RETENTION_HOURS: '0' }, 'KAFKA_RETENTION_HOURS'],
])('%s is refused', (_what, env, name) => {
  const { error } = kafkaEnvironment.safeParse(env);
  expect(JSON.stringify(error?.issues)).toContain(name);
});
