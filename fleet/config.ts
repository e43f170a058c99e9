import { join, resolve } from 'node:path';
import { z } from 'zod';
import { databaseOptions, databaseVariables } from '../platform/database/variables.js';
import { KAFKA_VARIABLES, kafkaEnvironment } from '../platform/log/kafkaConfig.js';
import { TELEMETRY_VARIABLES } from '../platform/telemetry/telemetry.js';
import { logRetention } from '../subgraphs/resources/logs/retention.js';

const A_PORT = 'a whole number from 0 (any free port) to 65535 is needed';

const port = (fallback: number) =>
  z.coerce.number(A_PORT).int(A_PORT).min(0, A_PORT).max(65_535, A_PORT).default(fallback);

const Environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port(4000),
  ISSUER_PORT: port(4001),
  CLUSTER_PORT: port(4002),
  FLEETGRAPH_DATA: z.string().min(1).default('.fleetgraph'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a postgresql:// URL is needed')
    .optional(),
  ...databaseVariables,
  OIDC_ISSUER: z.url().optional(),
  OIDC_AUDIENCE: z.string().min(1).default('fleetgraph'),
  FLEETGRAPH_KUBECONFIG: z.string().min(1).optional(),
  FLEETGRAPH_CLUSTER: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .default('eu-1'),
  FLEETGRAPH_LOG_RETENTION: logRetention,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  SEED: z.enum(['demo', 'none']).default('demo'),
});

/** Every variable that is read. */
export const VARIABLES = [...Object.keys(Environment.shape), ...KAFKA_VARIABLES, ...TELEMETRY_VARIABLES];

/**
 * Reads the environment of the one-process mode, in which an empty variable is as good as none. Throws one message that
 * names every bad variable.
 */
export function readConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = Environment.safeParse(given);
  const kafka = kafkaEnvironment.safeParse(given);
  if (!result.success || !kafka.success) {
    const issues = [...(result.error?.issues ?? []), ...(kafka.error?.issues ?? [])];
    const faults = issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`bad configuration (see .env.example)\n${faults.join('\n')}`);
  }
  const values = result.data;
  const dataFolder = resolve(values.FLEETGRAPH_DATA);
  return {
    host: values.HOST,
    port: values.PORT,
    dataFolder,
    database: databaseOptions(values.DATABASE_URL ?? `pglite:${join(dataFolder, 'db')}`, values),
    kafka: kafka.data,
    /** Without an issuer of the company's own the development issuer runs beside us. */
    identity: {
      issuer: values.OIDC_ISSUER ?? null,
      audience: values.OIDC_AUDIENCE,
      developmentPort: values.ISSUER_PORT,
    },
    /** Without a kubeconfig the development cluster runs beside us. */
    cluster: {
      id: values.FLEETGRAPH_CLUSTER,
      kubeconfig: values.FLEETGRAPH_KUBECONFIG ?? null,
      developmentPort: values.CLUSTER_PORT,
    },
    logRetentionMs: values.FLEETGRAPH_LOG_RETENTION,
    logLevel: values.LOG_LEVEL,
    seed: values.SEED,
  };
}

export type Config = ReturnType<typeof readConfig>;
