import { z } from 'zod';
import { SUBGRAPH_PORTS } from '../../contracts/subgraphs.js';
import { createProcessEnvironment } from '../../platform/server/processConfig.js';

const { governance, resources, scheduling, models } = SUBGRAPH_PORTS;

const environment = createProcessEnvironment({
  context: 'billing',
  port: SUBGRAPH_PORTS.billing,
  peers: { governance, resources, scheduling, models },
  own: { FLEETGRAPH_PRICES: z.enum(['example', 'none']).default('none') },
});

export const VARIABLES = environment.variables;

/** The environment of the billing process. `examplePrices`: the example price book counts in a new installation. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const { own, ...config } = environment.read(env);
  return { ...config, examplePrices: own.FLEETGRAPH_PRICES === 'example' };
}
