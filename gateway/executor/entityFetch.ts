import type { EntityBatchAlias } from '@graphql-hive/router-query-planner';
import { askSubgraph, subgraphDocument, variablesText, type SubgraphDocument } from './askSubgraph.js';
import { createEntityGroup } from './entityGroup.js';
import type { Execution } from './execution.js';
import { renamed } from './owed.js';
import type { Supergraph } from './supergraph.js';

/** Asks one subgraph for entities in one call, and merges each answer into every object that it stands for. */
export function compileEntityFetch(
  node: { serviceName: string; operation: string; variableUsages?: string[] },
  aliases: readonly EntityBatchAlias[],
  supergraph: Supergraph,
): (execution: Execution) => Promise<void> {
  const groups = aliases.map((alias) => createEntityGroup(alias, () => document, supergraph));
  const document: SubgraphDocument = subgraphDocument(node, (owed) =>
    owed.map((field) => {
      const rewrites = groups.find(({ alias }) => alias === field.key)?.rewrites ?? [];
      return { ...field, fields: renamed(field.fields, rewrites) };
    }),
  );

  return async (execution) => {
    let variables = variablesText(document, execution);
    const gathered = groups.map((group) => {
      const entities = group.gather(execution.data);
      variables += `${variables ? ',' : ''}"${group.variable}":[${entities.texts}]`;
      return { group, entities };
    });
    if (gathered.every(({ entities }) => entities.targets.length === 0)) return;
    const answer = await askSubgraph(document, `{${variables}}`, execution);
    for (const { group, entities } of gathered) group.accept(entities, answer);
  };
}
