import { z } from 'zod';
import { SUBGRAPH_PORTS } from '../../contracts/subgraphs.js';
import { createProcessEnvironment } from '../../platform/server/processConfig.js';
import { logRetention } from './logs/retention.js';

const { governance, billing, scheduling, models } = SUBGRAPH_PORTS;

const environment = createProcessEnvironment({
  context: 'resources',
  port: SUBGRAPH_PORTS.resources,
  peers: { governance, billing, scheduling, models },
  own: {
    FLEETGRAPH_KUBECONFIG: z.string().min(1).optional(),
    FLEETGRAPH_CLUSTER: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
      .default('eu-1'),
    FLEETGRAPH_LOG_RETENTION: logRetention,
  },
});

export const VARIABLES = environment.variables;

/** The environment of the resources process. Without a kubeconfig its pod's own account is used. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const { own, ...config } = environment.read(env);
  const cluster = { id: own.FLEETGRAPH_CLUSTER, kubeconfig: own.FLEETGRAPH_KUBECONFIG ?? null };
  return { ...config, cluster, logRetentionMs: own.FLEETGRAPH_LOG_RETENTION };
}

export type Config = ReturnType<typeof readConfig>;
