import { z } from 'zod';

const Environment = z.object({
  ISSUER_HOST: z.string().default('127.0.0.1'),
  ISSUER_PORT: z.coerce.number().int().min(0).max(65_535).default(4001),
  ISSUER_URL: z.url().optional(),
  FLEETGRAPH_DATA: z.string().min(1).default('.fleetgraph'),
});

/** Every variable that is read. */
export const VARIABLES = Object.keys(Environment.shape);

/** Reads the environment of the development issuer. Throws one message that names every bad variable. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const result = Environment.safeParse(env);
  if (!result.success)
    throw new Error(
      `Bad configuration of the development issuer. See docs/identity.md.\n${z.prettifyError(result.error)}`,
    );
  const { ISSUER_HOST, ISSUER_PORT, ISSUER_URL, FLEETGRAPH_DATA } = result.data;
  return {
    host: ISSUER_HOST,
    port: ISSUER_PORT,
    ...(ISSUER_URL && { url: ISSUER_URL }),
    dataDir: FLEETGRAPH_DATA,
  };
}
