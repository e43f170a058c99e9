import { SUBGRAPH_PORTS } from '../../contracts/subgraphs.js';
import { createProcessEnvironment } from '../../platform/server/processConfig.js';

const { governance, resources, scheduling } = SUBGRAPH_PORTS;

/** The environment of the models process. */
export const { variables: VARIABLES, read: readConfig } = createProcessEnvironment({
  context: 'models',
  port: SUBGRAPH_PORTS.models,
  peers: { governance, resources, scheduling },
  own: {},
});
