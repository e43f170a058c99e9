import { z } from 'zod';

const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(6443),
  CLUSTER_URL: z.url({ protocol: /^http$/ }).optional(),
  FLEETGRAPH_DATA: z.string().min(1).default('.fleetgraph'),
});

/** Every variable that is read. */
export const VARIABLES = Object.keys(Environment.shape);

/** Reads the environment of the development cluster. Throws one message that names every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const result = Environment.safeParse(env);
  if (!result.success)
    throw new Error(
      `Bad configuration of the development cluster. See embedded/cluster/README.md.\n${z.prettifyError(result.error)}`,
    );
  const { HOST, PORT, CLUSTER_URL, FLEETGRAPH_DATA } = result.data;
  return { host: HOST, port: PORT, url: CLUSTER_URL?.replace(/\/$/, ''), dataFolder: FLEETGRAPH_DATA };
}
