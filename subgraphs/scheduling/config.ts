import { SUBGRAPH_PORTS } from '../../contracts/subgraphs.js';
import { createProcessEnvironment } from '../../platform/server/processConfig.js';

const { governance, resources, billing } = SUBGRAPH_PORTS;

/** The environment of the scheduling process. */
export const { variables: VARIABLES, read: readConfig } = createProcessEnvironment({
  context: 'scheduling',
  port: SUBGRAPH_PORTS.scheduling,
  peers: { governance, resources, billing },
  own: {},
});
