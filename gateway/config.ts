import { parseArgs } from 'node:util';
import { z } from 'zod';

export const USAGE = `Usage: npm run gateway -- --supergraph FILE --identity none [options]

Serves a Federation v2 supergraph over its HTTP subgraphs.

  --supergraph FILE   the supergraph's SDL; its @join__graph urls say where the subgraphs are
  --identity none     everybody may call, and nothing is forwarded to the subgraphs about who did
  --port N            4000 if not given; 0 lets the system choose
  --host ADDRESS      127.0.0.1 if not given
  --log-level LEVEL   debug, info (if not given), warn, error or silent
`;

const Options = z.strictObject({
  supergraph: z.string('is missing').min(1),
  identity: z.literal('none', 'must be "none"'),
  port: z.coerce.number().int().min(0).max(65_535).default(4000),
  host: z.string().min(1).default('127.0.0.1'),
  'log-level': z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Reads the command line. Throws one message that names every fault. */
export function readConfig(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.keys(Options.shape).map((name) => [name, { type: 'string' as const }]),
    ),
  });
  const result = Options.safeParse(values);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new Error(`${faults.join('\n')}\n\n${USAGE}`);
  }
  const { supergraph, port, host, 'log-level': logLevel } = result.data;
  return { supergraphFile: supergraph, port, host, logLevel };
}

export type Config = ReturnType<typeof readConfig>;
