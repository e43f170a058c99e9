import type { PlannedDocument } from './executor/preparedDocuments.js';
import { brokenSupergraph } from './executor/supergraph.js';
import type { ServedSupergraph } from './servedSupergraph.js';

/** How many of the documents that clients sent last are planned again. */
const RECENT_MAX = 500;

/** Plans what clients rely on. A supergraph that cannot answer all of it is refused. */
export async function planRequired(served: ServedSupergraph, documents: readonly string[]): Promise<void> {
  for (const document of documents) {
    const reason = await reasonNotPlanned(served, { query: document, operationName: null, conditions: {} });
    if (reason !== null) throw brokenSupergraph(`a document that must run cannot: ${reason}`);
  }
}

/**
 * Plans on the next supergraph what clients have lately sent to the present one, so that nobody waits for plans because
 * of a reload. What the next one does not know any more is left to those who ask for it again.
 */
export async function planRecent(present: ServedSupergraph, next: ServedSupergraph): Promise<void> {
  for (const document of present.planned().slice(0, RECENT_MAX)) await reasonNotPlanned(next, document);
}

async function reasonNotPlanned(
  served: ServedSupergraph,
  { query, operationName, conditions }: PlannedDocument,
): Promise<string | null> {
  const prepared = served.prepare(query, operationName);
  if ('errors' in prepared) return prepared.errors[0]?.message ?? 'it is not valid';
  try {
    await prepared.operation(conditions);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
