import type { EntityBatchAlias } from '@graphql-hive/router-query-planner';
import { entityMissing } from '../errors.js';
import type { SubgraphDocument } from './askSubgraph.js';
import { Failure, failureOf } from './failure.js';
import { copy, fail, isOwedBy, merge, type Data } from './merge.js';
import type { OwedField } from './owed.js';
import { compilePath } from './paths.js';
import { compileRepresentation } from './representations.js';
import { applyRewrites, readRewrites } from './rewrites.js';
import type { Supergraph } from './supergraph.js';

/** An object that an entity is merged into, and what of its representation had failed. */
interface Target {
  readonly object: Data;
  readonly failed: ReadonlyMap<string, Failure> | null;
}

export interface GatheredEntities {
  /** The representations, each once, as the inside of a JSON list. */
  readonly texts: string;
  /** For each representation the objects that it stands for. */
  readonly targets: readonly (readonly Target[])[];
}

export type EntityGroup = ReturnType<typeof createEntityGroup>;

/** Entities that a document asks a subgraph for under one alias, wherever they stand in the data. */
export function createEntityGroup(
  { alias, ...group }: EntityBatchAlias,
  document: () => SubgraphDocument,
  { isA, requirements }: Supergraph,
) {
  const rewrites = readRewrites(group.outputRewrites);
  const paths = group.paths.map((path) => compilePath(path, isA));
  const write = compileRepresentation(group.requires, readRewrites(group.inputRewrites), isA);

  const owed = (): readonly OwedField[] =>
    document()
      .owed()
      .find(({ key }) => key === alias)?.fields ?? [];

  /** The fields that cannot be answered for without a field of the representation: all of them, if it is a key. */
  function dependentsOf(required: string): readonly OwedField[] {
    const { subgraph } = document();
    const dependents = owed().filter(({ name, types }) =>
      types.some((type) => requirements(subgraph, type, name).has(required)),
    );
    return dependents.length > 0 ? dependents : owed();
  }

  /** A failure among what must be told that leaves nothing to ask for. */
  const findHopeless = (failed: Target['failed']) =>
    failed && [...failed].find(([required]) => dependentsOf(required).length === owed().length)?.[1];

  /** Fields that need what had failed are failures too, whatever the subgraph makes of the null that it is sent. */
  function failDependents({ object, failed }: Target): void {
    for (const [required, { causes }] of failed ?? []) {
      for (const field of dependentsOf(required)) {
        if (isOwedBy(object, field, isA)) object[field.finalKey] = failureOf(causes[0].fault, field.fields);
      }
    }
  }

  function settle(target: Target, entity: unknown): void {
    const { object, failed } = target;
    if (entity instanceof Failure) fail(object, entity, isA);
    else if (entity !== null && typeof entity === 'object') merge(object, entity as Data, isA);
    else fail(object, failureOf(entityMissing(document().subgraph, typeNameOf(object)), owed()), isA);
    if (failed) failDependents(target);
  }

  return {
    alias,
    variable: group.representationsVariableName,
    rewrites,

    gather(data: Data): GatheredEntities {
      const targets: Target[][] = [];
      const indexByText = new Map<string, number>();
      let texts = '';
      for (const object of paths.flatMap((path) => path(data))) {
        const representation = write(object);
        if (!representation) continue;
        const { text, failed } = representation;
        const hopeless = findHopeless(failed);
        const index = indexByText.get(text);
        if (hopeless) fail(object, failureOf(hopeless.causes[0].fault, owed()), isA);
        else if (index !== undefined) targets[index]?.push({ object, failed });
        else {
          indexByText.set(text, targets.length);
          texts += targets.length > 0 ? `,${text}` : text;
          targets.push([{ object, failed }]);
        }
      }
      return { texts, targets };
    },

    /** Takes the answer in. What is missing from the list at its end is missing like a null in it. */
    accept({ targets }: GatheredEntities, answer: Data | Failure): void {
      const list = answer instanceof Failure ? answer.at(alias, []) : answer[alias];
      applyRewrites(list, rewrites, isA);
      for (const [index, same] of targets.entries()) {
        const entity = list instanceof Failure ? list.at(index, owed()) : itemAt(list, index);
        for (const [copies, target] of same.entries()) settle(target, copies === 0 ? entity : copy(entity));
      }
    },
  };
}

const itemAt = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : null);

function typeNameOf({ __typename: name }: Data): string {
  return typeof name === 'string' ? name : 'entity';
}
