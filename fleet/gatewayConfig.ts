import { z } from 'zod';
import { SUBGRAPH_PORTS } from '../contracts/subgraphs.js';
import { KAFKA_VARIABLES, kafkaEnvironment } from '../platform/log/kafkaConfig.js';
import { originsOf, readAll, variables } from '../platform/server/processConfig.js';
import { SUPERGRAPH_FILE } from './supergraphFile.js';

const common = z.object({
  HOST: variables.host,
  PORT: variables.port(4000),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1).default('fleetgraph'),
  FLEETGRAPH_SIGNING_KEYS: variables.signingKeys,
  FLEETGRAPH_SUPERGRAPH: z.string().min(1).default(SUPERGRAPH_FILE),
  FLEETGRAPH_POLL_MS: variables.pollMs,
  LOG_LEVEL: variables.logLevel,
});
const origins = z.object(variables.origins(SUBGRAPH_PORTS));

/** Every variable that is read. */
export const VARIABLES = [
  ...[common, origins].flatMap(({ shape }) => Object.keys(shape)),
  ...KAFKA_VARIABLES,
];

/** The environment of the gateway of a company's installation. Throws one message that names every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const { values, urls, kafka } = readAll(env, { values: common, urls: origins, kafka: kafkaEnvironment });
  return {
    host: values.HOST,
    port: values.PORT,
    identity: { issuer: values.OIDC_ISSUER, audience: values.OIDC_AUDIENCE },
    keys: values.FLEETGRAPH_SIGNING_KEYS,
    /** The origins of the subgraphs by name. */
    subgraphs: originsOf(SUBGRAPH_PORTS, urls),
    /** The file that is served, and served anew when it changes. */
    supergraphFile: values.FLEETGRAPH_SUPERGRAPH,
    kafka,
    /** How often governance is asked whether somebody's rights have changed, while Kafka does not tell. */
    pollMs: values.FLEETGRAPH_POLL_MS,
    logLevel: values.LOG_LEVEL,
  };
}

export type GatewayConfig = ReturnType<typeof readConfig>;
