import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { SUBGRAPH_NAMES, SUBGRAPH_PORTS, type SubgraphName } from '../contracts/subgraphs.js';

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
