import { z } from 'zod';
import { SUBGRAPH_PORTS } from '../../contracts/subgraphs.js';
import { createProcessEnvironment } from '../../platform/server/processConfig.js';

const { resources, scheduling, billing, models } = SUBGRAPH_PORTS;

/** The trail is read from all contexts. */
const environment = createProcessEnvironment({
  context: 'governance',
  port: SUBGRAPH_PORTS.governance,
  peers: { resources, scheduling, billing, models },
  own: {
    FLEETGRAPH_ORGANISATION: z.string().min(1).max(200).optional(),
    FLEETGRAPH_ADMINISTRATOR: z.string().min(1).max(200).optional(),
  },
});

export const VARIABLES = environment.variables;

/** The environment of the governance process. `founding` is what an empty store begins with. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const { own, ...config } = environment.read(env);
  const { FLEETGRAPH_ORGANISATION: organisation, FLEETGRAPH_ADMINISTRATOR: administrator } = own;
  const isComplete = organisation !== undefined && administrator !== undefined;
  return { ...config, founding: isComplete ? { organisation, administrator } : null };
}

export type Config = ReturnType<typeof readConfig>;
