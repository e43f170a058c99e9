import type { EntityBatchAlias } from '@graphql-hive/router-query-planner';
import { entityMissing } from '../errors.js';
import { askSubgraph, subgraphDocument, variablesText } from './askSubgraph.js';
import { compileEntityGroup, failDependents, gatherEntities, type Target } from './entityGroup.js';
import type { Execution } from './execution.js';
import { Failure, failureOf } from './failure.js';
import { copy, fail, merge, type Data } from './merge.js';
import { renamed, type OwedField } from './owed.js';
import { applyRewrites } from './rewrites.js';
import type { Supergraph } from './supergraph.js';

/** Asks one subgraph for entities in one call, and merges each answer into every object that it stands for. */
export function compileEntityFetch(
  node: { serviceName: string; operation: string; variableUsages?: string[] },
  aliases: readonly EntityBatchAlias[],
  supergraph: Supergraph,
): (execution: Execution) => Promise<void> {
  const { isA } = supergraph;
  const groups = aliases.map((alias) => compileEntityGroup(alias, supergraph));
  const document = subgraphDocument(node, (owed) =>
    owed.map((field) => {
      const rewrites = groups.find(({ alias }) => alias === field.key)?.rewrites ?? [];
      return { ...field, fields: renamed(field.fields, rewrites) };
    }),
  );
  const { subgraph } = document;
  const owedUnder = (alias: string) => document.owed().find(({ key }) => key === alias)?.fields ?? [];

  /** Null for a key: nothing can be asked of an entity without it. */
  function dependentsOf(alias: string, required: string): readonly OwedField[] | null {
    const dependents = owedUnder(alias).filter(({ name, types }) =>
      types.some((type) => supergraph.requirements(subgraph, type, name).has(required)),
    );
    return dependents.length > 0 ? dependents : null;
  }

  function settle(target: Target, entity: unknown, alias: string): void {
    const { object } = target;
    if (entity instanceof Failure) fail(object, entity, isA);
    else if (entity === null || entity === undefined || typeof entity !== 'object')
      fail(object, failureOf(entityMissing(subgraph, typeNameOf(object)), owedUnder(alias)), isA);
    else merge(object, entity as Data, isA);
    if (target.failed) failDependents(target, (required) => dependentsOf(alias, required), isA);
  }

  return async (execution) => {
    let variables = variablesText(document, execution);
    const gathered = groups.map((group) => {
      const { alias } = group;
      const entities = gatherEntities(
        group,
        execution.data,
        (required) => dependentsOf(alias, required),
        () => owedUnder(alias),
        isA,
      );
      variables += `${variables ? ',' : ''}"${group.variable}":[${entities.texts}]`;
      return entities.targets;
    });
    if (gathered.every((targets) => targets.length === 0)) return;

    const answer = await askSubgraph(document, `{${variables}}`, execution);
    for (const [position, { alias, rewrites }] of groups.entries()) {
      const list = answer instanceof Failure ? answer.at(alias, []) : answer[alias];
      applyRewrites(list, rewrites, isA);
      for (const [index, targets] of (gathered[position] ?? []).entries()) {
        const entity = entityAt(list, index, () => owedUnder(alias));
        for (const [copies, target] of targets.entries())
          settle(target, copies === 0 ? entity : copy(entity), alias);
      }
    }
  };
}

function entityAt(list: unknown, index: number, owed: () => readonly OwedField[]): unknown {
  if (list instanceof Failure) return list.at(index, owed());
  return Array.isArray(list) ? list[index] : null;
}

function typeNameOf({ __typename: name }: Data): string {
  return typeof name === 'string' ? name : 'entity';
}
