/** The contexts by name, in the order in which they are composed, with the port of each when it runs alone. */
export const SUBGRAPH_PORTS = {
  governance: 4011,
  resources: 4012,
  scheduling: 4013,
  billing: 4014,
  models: 4015,
} as const;

export type SubgraphName = keyof typeof SUBGRAPH_PORTS;

export const SUBGRAPH_NAMES = Object.keys(SUBGRAPH_PORTS) as SubgraphName[];
