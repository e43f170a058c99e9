import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/compiled.js';

/** The subgraphs by name, in the order in which they are composed, with the port that each has when it runs alone. */
export const SUBGRAPH_PORTS = {
  governance: 4011,
  resources: 4012,
  scheduling: 4013,
  billing: 4014,
  models: 4015,
} as const;

export type SubgraphName = keyof typeof SUBGRAPH_PORTS;

export const SUBGRAPH_NAMES = Object.keys(SUBGRAPH_PORTS) as SubgraphName[];

/** Composes the subgraphs' SDL. Fails with every composition error at once. */
export function composeSupergraph(sdl: Readonly<Record<SubgraphName, string>>): string {
  const services = SUBGRAPH_NAMES.map((name) => ({
    name,
    url: `http://${name}:${SUBGRAPH_PORTS[name]}/graphql`,
    typeDefs: parse(sdl[name]),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined)
    throw new Error(
      `The supergraph does not compose:\n${errors.map(({ message }) => `- ${message}`).join('\n')}`,
    );
  return supergraphSdl;
}

/** The composed supergraph that is checked in. */
export const readSupergraph = (): string =>
  readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
