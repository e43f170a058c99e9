/** What the image can be: the compiled program of each part, by the argument that chooses it. */
export const parts = {
  all: 'fleet/main.js',
  gateway: 'fleet/gatewayMain.js',
  governance: 'subgraphs/governance/main.js',
  resources: 'subgraphs/resources/main.js',
  scheduling: 'subgraphs/scheduling/main.js',
  billing: 'subgraphs/billing/main.js',
  models: 'subgraphs/models/main.js',
  issuer: 'embedded/issuer/main.js',
  cluster: 'embedded/cluster/main.js',
} as const;

export type PartName = keyof typeof parts;

export const isPart = (name: string): name is PartName => Object.hasOwn(parts, name);
