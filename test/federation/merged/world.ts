import {
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql';
import { readOwnership, type Ownership } from './ownership.js';
import { randomFor, type Random } from './random.js';

/** What goes wrong in a world. Rates are probabilities, drawn once for each field of an entity or each entity. */
export interface Faults {
  readonly fieldRate: number;
  readonly entityRate: number;
  readonly lost: ReadonlySet<string>;
}

export const noFaults: Faults = { fieldRate: 0, entityRate: 0, lost: new Set() };

/** An object of the world. `identity` says which one it is, in every subgraph and in the merged schema. */
export interface Thing {
  readonly __typename: string;
  readonly identity: string;
  /** The subgraph whose field returned it. */
  readonly origin: string;
  /** What the gateway told of it, when it was reached by reference. */
  readonly representation?: Readonly<Record<string, unknown>>;
}

export class DrawnFault extends Error {
  readonly extensions = { code: 'DRAWN', hint: 'None.', retryable: false, details: {} };
}

/** Data and faults of a federated graph, drawn from a seed: every value is a function of where it is asked for. */
export interface World {
  readonly sdls: Readonly<Record<string, string>>;
  readonly ownership: Ownership;
  readonly faults: Faults;
  /** `told` is what `@requires` asks for. */
  value(at: Place, type: GraphQLOutputType, told: unknown): unknown;
  fieldFails(at: Omit<Place, 'args'>, nullable: boolean): boolean;
  /** How the subgraph fails to know the entity, if it does. */
  entityFault(subgraph: string, type: string, identity: string): 'null' | 'throws' | null;
}

export interface Place {
  readonly subgraph: string;
  readonly type: string;
  readonly identity: string;
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const IDENTITIES = ['1', '2', '3', '4'];

export function createWorld(seed: number, sdls: World['sdls'], faults: Faults): World {
  const ownership = readOwnership(sdls);

  function draw(type: GraphQLOutputType, key: string, subgraph: string, random: Random): unknown {
    if (isNonNullType(type)) return drawValue(type.ofType, key, subgraph, random);
    return random.chance(0.12) ? null : drawValue(type, key, subgraph, random);
  }

  function drawValue(type: GraphQLOutputType, key: string, subgraph: string, random: Random): unknown {
    if (isListType(type))
      return Array.from({ length: random.int(4) }, (_, index) =>
        draw(type.ofType, `${key}.${index}`, subgraph, random),
      );
    if (isEnumType(type)) return random.pick(type.getValues()).value;
    if (isAbstractType(type))
      return thing(random.pick(ownership.membersIn(subgraph, type.name)), key, subgraph, random);
    if (isObjectType(type)) return thing(type.name, key, subgraph, random);
    if (isNonNullType(type)) throw new Error('a type cannot be non-null twice');
    if (type.name === 'Int') return random.int(1000);
    if (type.name === 'Float') return random.int(1000) / 8;
    if (type.name === 'Boolean') return random.chance(0.5);
    return random.pick(['plain', 'with "quotes"', 'line\nbreak', 'ünïcödé ☂ 🎲', '']) + random.int(100);
  }

  const thing = (type: string, key: string, origin: string, random: Random): Thing => ({
    __typename: type,
    identity: ownership.entities.has(type) ? random.pick(IDENTITIES) : key,
    origin,
  });

  function entityFault(subgraph: string, type: string, identity: string) {
    const random = randomFor(`${seed} entity ${subgraph} ${type} ${identity}`);
    return random.chance(faults.entityRate) ? random.pick(['null', 'throws'] as const) : null;
  }

  return {
    sdls,
    ownership,
    faults,
    value({ subgraph, type, identity, field, args }, fieldType, told) {
      if (ownership.isKey(type, field)) return keyValue(identity, field);
      const key = `${seed} ${type} ${identity} ${field} ${canonical(args)} ${canonical(told)}`;
      return draw(fieldType, key, subgraph, randomFor(key));
    },
    fieldFails({ subgraph, type, identity, field }, nullable) {
      const isRequired = ownership.isRequired(type, field);
      if (ownership.isKey(type, field) || (isRequired && !nullable)) return false;
      // The planner may fetch a required field by reference although it is at hand: it must make no difference.
      if (isRequired && entityFault(subgraph, type, identity)) return true;
      return randomFor(`${seed} fault ${type} ${identity} ${field}`).chance(faults.fieldRate);
    },
    entityFault,
  };
}

const keyValue = (identity: string, field: string) => (field === 'id' ? identity : `${field}-${identity}`);

/** The identity that a representation names, by whichever of its keys. */
export function identityOf(
  representation: Readonly<Record<string, unknown>>,
  isKey: (field: string) => boolean,
) {
  for (const [field, value] of Object.entries(representation))
    if (isKey(field) && typeof value === 'string')
      return field === 'id' ? value : value.slice(field.length + 1);
  throw new Error(`no key in ${JSON.stringify(representation)}`);
}

/** Reads the fields of a `@requires` selection from wherever `read` finds them. */
export function selectRequired(
  selection: string,
  read: (parent: unknown, field: string) => unknown,
  parent: unknown,
): unknown {
  const [definition] = parse(`{${selection}}`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no selection');
  return select(definition.selectionSet, read, parent);
}

function select(
  set: SelectionSetNode,
  read: (parent: unknown, field: string) => unknown,
  parent: unknown,
): unknown {
  if (parent === null || parent === undefined) return null;
  if (Array.isArray(parent)) return parent.map((item) => select(set, read, item));
  return Object.fromEntries(
    set.selections.flatMap((selection) => {
      if (selection.kind !== Kind.FIELD) return [];
      const value = read(parent, selection.name.value);
      const inner = selection.selectionSet ? select(selection.selectionSet, read, value) : value;
      return [[selection.name.value, inner ?? null]];
    }),
  );
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
