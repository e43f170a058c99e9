import {
  buildASTSchema,
  GraphQLError,
  Kind,
  parse,
  valueFromASTUntyped,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { GraphQLRequest } from '../engine.js';
import { createBoundedCache } from '../boundedCache.js';
import { evaluate, fixedCost, type Cost, type Variables } from './cost.js';
import { countDocument, type Counts } from './counts.js';
import { queryTooComplex, type Measure } from './errors.js';
import { predictCost } from './predict.js';

export type DocumentLimits = Readonly<Record<Measure, number>>;

export const defaultLimits: DocumentLimits = {
  tokens: 2_000,
  depth: 16,
  aliases: 50,
  rootFields: 20,
  directives: 50,
  fragments: 50,
  variables: 50,
  cost: 100_000,
};

/** What the gateway must know of a document before it asks who calls. */
export interface Inspection {
  /** Nothing but `__schema`, `__type` and `__typename` is selected: it says what the API looks like, and no more. */
  readonly metaOnly: boolean;
}

export interface Limits {
  /**
   * Refuses with `QUERY_TOO_COMPLEX` what is over a limit, before anything runs. Null for a document that cannot be
   * parsed or names no operation: it costs nothing and will be refused by whoever executes it.
   */
  inspect(request: GraphQLRequest): Inspection | null;
}

interface Profile extends Inspection {
  readonly counts: Counts;
  readonly cost: Cost;
  /** The variables' own defaults. */
  readonly defaults: Variables;
}
const PROFILES_CHARACTERS_MAX = 8 * 1024 * 1024;

/** Reads `@cost` and `@listSize` from the supergraph. Documents are counted once and remembered. */
export function createLimits(supergraphSdl: string, limits: DocumentLimits = defaultLimits): Limits {
  const schema = buildASTSchema(parse(supergraphSdl), { assumeValid: true, assumeValidSDL: true });
  const profiles = createBoundedCache<Profile>(PROFILES_CHARACTERS_MAX);

  function profileOf({ query, operationName }: GraphQLRequest): Profile | null {
    const key = `${operationName ?? ''}\n${query}`;
    const known = profiles.get(key);
    if (known) return known;
    const document = parseWithin(query, limits.tokens);
    const operation = document && operationOf(document, operationName);
    if (!operation) return null;
    const counts = countDocument(document, operation);
    const profile = {
      counts,
      // What is too large already is not worth predicting.
      cost: refusal(counts, limits) ? fixedCost(0) : predictCost(schema, document, operation),
      defaults: defaultsOf(operation),
      metaOnly: operation.operation === 'query' && operation.selectionSet.selections.every(isMeta),
    };
    profiles.set(key, profile, key.length);
    return profile;
  }

  return {
    inspect(request) {
      const profile = profileOf(request);
      if (!profile) return null;
      const tooLarge = refusal(profile.counts, limits);
      if (tooLarge) throw tooLarge;
      const cost = evaluate(profile.cost, { ...profile.defaults, ...request.variables });
      if (cost > limits.cost) throw queryTooComplex('cost', cost, limits.cost);
      return profile;
    },
  };
}

function refusal(counts: Counts, limits: DocumentLimits) {
  for (const [measure, need] of Object.entries(counts) as [keyof Counts, number][]) {
    if (need > limits[measure]) return queryTooComplex(measure, need, limits[measure]);
  }
  return null;
}

function parseWithin(query: string, maxTokens: number): DocumentNode | null {
  try {
    return parse(query, { maxTokens, noLocation: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.endsWith('Parsing aborted.')) throw queryTooComplex('tokens', null, maxTokens);
    return null;
  }
}

function operationOf(
  document: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | null {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const named = name ? operations.filter((operation) => operation.name?.value === name) : operations;
  return named.length === 1 ? (named[0] ?? null) : null;
}

const defaultsOf = ({ variableDefinitions = [] }: OperationDefinitionNode): Variables =>
  Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );

const isMeta = (selection: OperationDefinitionNode['selectionSet']['selections'][number]): boolean =>
  selection.kind === Kind.FIELD
    ? selection.name.value.startsWith('__')
    : selection.kind === Kind.INLINE_FRAGMENT && selection.selectionSet.selections.every(isMeta);
