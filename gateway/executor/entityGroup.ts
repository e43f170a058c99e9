import type { EntityBatchAlias } from '@graphql-hive/router-query-planner';
import { failureOf, type Failure } from './failure.js';
import { fail, isOwedBy, type Data } from './merge.js';
import type { OwedField } from './owed.js';
import { compilePath, type Path } from './paths.js';
import { compileRepresentation, type WriteRepresentation } from './representations.js';
import { readRewrites, type Rewrite } from './rewrites.js';
import type { Supergraph } from './supergraph.js';

/** Entities that a document asks a subgraph for under one alias, wherever they stand in the data. */
export interface EntityGroup {
  readonly alias: string;
  readonly variable: string;
  readonly rewrites: readonly Rewrite[];
  readonly paths: readonly Path[];
  readonly write: WriteRepresentation;
}

/** An object that an entity is merged into, and what of its representation had failed. */
export interface Target {
  readonly object: Data;
  readonly failed: ReadonlyMap<string, Failure> | null;
}

export interface GatheredEntities {
  /** The representations, each once, as the inside of a JSON list. */
  readonly texts: string;
  /** For each representation the objects that it stands for. */
  readonly targets: readonly (readonly Target[])[];
}

export function compileEntityGroup(group: EntityBatchAlias, { isA }: Supergraph): EntityGroup {
  return {
    alias: group.alias,
    variable: group.representationsVariableName,
    rewrites: readRewrites(group.outputRewrites),
    paths: group.paths.map((path) => compilePath(path, isA)),
    write: compileRepresentation(group.requires, readRewrites(group.inputRewrites), isA),
  };
}

/** `dependents` tells which owed fields cannot be answered for without a field; null means that none can. */
export function gatherEntities(
  { paths, write }: EntityGroup,
  data: Data,
  dependents: (field: string) => readonly OwedField[] | null,
  owed: () => readonly OwedField[],
  isA: Supergraph['isA'],
): GatheredEntities {
  const targets: Target[][] = [];
  const indexByText = new Map<string, number>();
  let texts = '';
  for (const path of paths) {
    for (const object of path(data)) {
      const representation = write(object);
      if (!representation) continue;
      const { text, failed } = representation;
      const keyFailure = failed && [...failed].find(([field]) => dependents(field) === null)?.[1];
      if (keyFailure) {
        fail(object, failureOf(keyFailure.causes[0].fault, owed()), isA);
        continue;
      }
      const index = indexByText.get(text);
      if (index === undefined) {
        indexByText.set(text, targets.length);
        texts += targets.length > 0 ? `,${text}` : text;
        targets.push([{ object, failed }]);
      } else {
        targets[index]?.push({ object, failed });
      }
    }
  }
  return { texts, targets };
}

/** Fields that need what had failed are failures too, whatever the subgraph made of the null that it was sent. */
export function failDependents(
  { object, failed }: Target,
  dependents: (field: string) => readonly OwedField[] | null,
  isA: Supergraph['isA'],
): void {
  for (const [field, { causes }] of failed ?? []) {
    for (const dependent of dependents(field) ?? []) {
      if (isOwedBy(object, dependent, isA))
        object[dependent.finalKey] = failureOf(causes[0].fault, dependent.fields);
    }
  }
}
