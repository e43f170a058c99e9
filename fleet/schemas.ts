import type { SubgraphName } from '../contracts/subgraphs.js';
import { buildBillingSchema } from '../subgraphs/billing/schema.js';
import { buildGovernanceSchema } from '../subgraphs/governance/schema.js';
import { buildModelsSchema } from '../subgraphs/models/schema.js';
import { buildResourcesSchema } from '../subgraphs/resources/schema.js';
import { buildSchedulingSchema } from '../subgraphs/scheduling/schema.js';
import { composeSupergraph } from './supergraph.js';

/** The generated files of schema/ by name: one SDL per subgraph, and the supergraph composed from them. */
export async function generateSchemas(): Promise<Record<string, string>> {
  const sdl: Record<SubgraphName, string> = {
    governance: (await buildGovernanceSchema()).sdl,
    resources: (await buildResourcesSchema()).sdl,
    scheduling: (await buildSchedulingSchema()).sdl,
    billing: (await buildBillingSchema()).sdl,
    models: (await buildModelsSchema()).sdl,
  };
  const files = Object.fromEntries(Object.entries(sdl).map(([name, text]) => [`${name}.graphql`, text]));
  return { ...files, 'supergraph.graphql': composeSupergraph(sdl) };
}
