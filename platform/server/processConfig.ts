import { z } from 'zod';
import type { DatabaseOptions } from '../database/database.js';
import { databaseOptions, databaseVariables } from '../database/variables.js';
import type { SigningKey } from '../identity/signature.js';
import { KAFKA_VARIABLES, kafkaEnvironment, type KafkaOptions } from '../log/kafkaConfig.js';
import type { LogLevel } from '../telemetry/log.js';

/** What a process is told about a subgraph that runs alone. */
export interface ProcessConfig {
  readonly context: string;
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseOptions;
  readonly keys: readonly SigningKey[];
  /** The origins of the other contexts that it reads or calls, by name. */
  readonly peers: Readonly<Record<string, string>>;
  readonly kafka: KafkaOptions | null;
  /** How often the other contexts are asked for new events, while Kafka does not tell. */
  readonly pollMs: number;
  readonly logLevel: LogLevel;
}

const SECRET_BYTES_MIN = 32;

/** Environment variables that several processes read. */
export const variables = {
  port: (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback),
  host: z.string().min(1).default('127.0.0.1'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  pollMs: z.coerce.number().int().min(10).max(60_000).default(100),
  /** `id:base64,id:base64`; the first signs, all are accepted. */
  signingKeys: z.string().transform((text, context): SigningKey[] =>
    text.split(',').map((part) => {
      const [id = '', secret = ''] = part.trim().split(':', 2);
      const bytes = Buffer.from(secret, 'base64');
      if (!/^[\w-]{1,64}$/.test(id) || bytes.byteLength < SECRET_BYTES_MIN)
        context.addIssue(`every key is an id, ":" and at least ${SECRET_BYTES_MIN} bytes in base64`);
      return { id, secret: bytes };
    }),
  ),
  /** The origin of each named process, on this machine if not told otherwise. */
  origins: (ports: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [
        `${name.toUpperCase()}_URL`,
        z.url({ protocol: /^https?$/ }).default(`http://127.0.0.1:${port}`),
      ]),
    ),
};

/** The origins by the names of the processes, as they were read. */
export const originsOf = (
  ports: Readonly<Record<string, number>>,
  values: Readonly<Record<string, string>>,
) => Object.fromEntries(Object.keys(ports).map((name) => [name, values[`${name.toUpperCase()}_URL`] ?? '']));

const databaseUrl = z
  .string()
  .regex(/^(postgres(ql)?:\/\/|pglite:)/, 'is neither a postgresql:// URL nor pglite:<folder>')
  .optional();

/**
 * The environment of a context's process. `port` is its own, `peers` are those of the contexts that it reads or calls,
 * and `own` are variables of this context alone.
 */
export function createProcessEnvironment<Own extends z.ZodRawShape>(options: {
  context: string;
  port: number;
  peers: Readonly<Record<string, number>>;
  own: Own;
}) {
  const { context, peers } = options;
  const ownDatabase = `${context.toUpperCase()}_DATABASE_URL`;
  const common = z.object({
    HOST: variables.host,
    PORT: variables.port(options.port),
    ...databaseVariables,
    FLEETGRAPH_SIGNING_KEYS: variables.signingKeys,
    FLEETGRAPH_POLL_MS: variables.pollMs,
    LOG_LEVEL: variables.logLevel,
  });
  const databases = z
    .object({ DATABASE_URL: databaseUrl, [ownDatabase]: databaseUrl })
    .transform((urls, issues) => {
      const url = urls[ownDatabase] ?? urls.DATABASE_URL;
      if (url === undefined) issues.addIssue(`DATABASE_URL or ${ownDatabase} is missing`);
      return url ?? '';
    });
  const origins = z.object(variables.origins(peers));
  const own = z.object(options.own);

  return {
    /** Every variable that is read. */
    variables: [
      ...[common, databases.in, origins, own].flatMap(({ shape }) => Object.keys(shape)),
      ...KAFKA_VARIABLES,
    ],
    /** Throws one message that names every bad variable. */
    read: (env: NodeJS.ProcessEnv): ProcessConfig & { own: z.output<typeof own> } => {
      const { values, url, urls, kafka, ownValues } = readAll(env, {
        values: common,
        url: databases,
        urls: origins,
        kafka: kafkaEnvironment,
        ownValues: own,
      });
      return {
        context,
        host: values.HOST,
        port: values.PORT,
        database: databaseOptions(url, values),
        keys: values.FLEETGRAPH_SIGNING_KEYS,
        peers: originsOf(peers, urls),
        kafka,
        pollMs: values.FLEETGRAPH_POLL_MS,
        logLevel: values.LOG_LEVEL,
        own: ownValues,
      };
    },
  };
}

/** Reads one environment by several schemas, and reports the faults of all of them at once. */
export function readAll<Schemas extends Readonly<Record<string, z.ZodType>>>(
  env: NodeJS.ProcessEnv,
  schemas: Schemas,
): { [Name in keyof Schemas]: z.output<Schemas[Name]> } {
  const results = Object.entries(schemas).map(([name, schema]) => [name, schema.safeParse(env)] as const);
  const issues = results.flatMap(([, { error }]) => error?.issues ?? []);
  if (issues.length > 0)
    throw new Error(`Bad configuration. See docs/processes.md.\n${z.prettifyError(new z.ZodError(issues))}`);
  return Object.fromEntries(results.map(([name, { data }]) => [name, data])) as never;
}
