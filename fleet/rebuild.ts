import { SUBGRAPH_NAMES, type SubgraphName } from '../contracts/subgraphs.js';
import { UPCASTERS } from '../contracts/upcasters.js';
import type { Database, Transaction } from '../platform/database/database.js';
import { createEventStore } from '../platform/eventStore/eventStore.js';
import { type Projection, rebuildProjection } from '../platform/projection/projection.js';
import { type AnyAggregate, rebuildReadModels } from '../platform/projection/rebuildInline.js';
import * as billing from '../subgraphs/billing/readModels.js';
import * as governance from '../subgraphs/governance/readModels.js';
import * as models from '../subgraphs/models/readModels.js';
import * as resources from '../subgraphs/resources/readModels.js';
import * as scheduling from '../subgraphs/scheduling/readModels.js';

type ReadModels = {
  readonly aggregates: readonly AnyAggregate[];
  readonly projections: readonly Projection[];
  clearReadModels(tx: Transaction): Promise<void>;
};

const readModels: Readonly<Record<SubgraphName, ReadModels>> = {
  governance,
  resources,
  scheduling,
  billing,
  models,
};

/**
 * Writes the read models of a database anew from the events, context by context: first the entities, then what is kept
 * of other contexts. Run it while nothing else uses the database. `report` hears of each that is done.
 */
export async function rebuildAll(
  database: Database,
  report: (done: string) => void,
  contexts: readonly SubgraphName[] = SUBGRAPH_NAMES,
): Promise<void> {
  const storeOf = (context: SubgraphName) => createEventStore(database.prisma, context, UPCASTERS[context]);
  for (const context of contexts) {
    const { aggregates, projections, clearReadModels } = readModels[context];
    const store = storeOf(context);
    const position = await rebuildReadModels({ database, store, aggregates, clear: clearReadModels });
    report(`${context}: entities from ${position} events`);
    for (const projection of projections) {
      const history = storeOf(projection.source as SubgraphName);
      const read = await rebuildProjection({ database, projection, history });
      report(`${context}: ${projection.name} from ${read} events of ${projection.source}`);
    }
  }
}
