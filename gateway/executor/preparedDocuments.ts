import type { OperationTypeNode, VariableDefinitionNode } from 'graphql';
import { secondsSince } from '../../platform/telemetry/metrics.js';
import { traced } from '../../platform/telemetry/tracing.js';
import { createBoundedCache } from '../boundedCache.js';
import { planDurations } from '../metrics.js';
import type { Planner } from '../planner/planner.js';
import { compileOperation, type Operation } from './compileOperation.js';
import { readDocument, type ValidDocument } from './document.js';
import type { RequestError } from './requestErrors.js';
import { conditionVariables } from './selectedFields.js';
import type { Supergraph } from './supergraph.js';

export interface PreparedDocument {
  readonly kind: OperationTypeNode;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  /** Plans and compiles when it is first asked for. Fails with a `PublicError`; then the next one asks again. */
  operation(variables: Readonly<Record<string, unknown>>): Promise<Operation>;
  /** The variables of its `@skip` and `@include` for which it has been planned. */
  planned(): Readonly<Record<string, boolean>>[];
}

export type Prepare = (
  query: string,
  operationName: string | null | undefined,
) => PreparedDocument | { errors: readonly RequestError[] };

/** What has been planned, and can be planned again elsewhere. */
export interface PlannedDocument {
  readonly query: string;
  readonly operationName: string | null;
  readonly conditions: Readonly<Record<string, boolean>>;
}

export interface PreparedDocuments {
  readonly prepare: Prepare;
  /** Those used last come first. */
  planned(): PlannedDocument[];
}

/** Length of the documents remembered; what is compiled from them takes a small multiple of it. */
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** Parses, validates, plans and compiles each document once, and remembers those used last, refused ones too. */
export function createPreparedDocuments(supergraph: Supergraph, planner: Planner): PreparedDocuments {
  const prepared = createBoundedCache<ReturnType<Prepare>>(CHARACTERS_MAX);

  return {
    prepare(query, operationName) {
      const key = `${operationName ?? ''}\n${query}`;
      const known = prepared.get(key);
      if (known) return known;
      const read = readDocument(supergraph.api, query, operationName);
      const result = 'errors' in read ? read : prepareValid(read.valid, supergraph, planner);
      prepared.set(key, result, key.length);
      return result;
    },
    planned: () =>
      prepared
        .entries()
        .reverse()
        .flatMap(([key, document]) => {
          if ('errors' in document) return [];
          const end = key.indexOf('\n');
          const [operationName, query] = [key.slice(0, end) || null, key.slice(end + 1)];
          return document.planned().map((conditions) => ({ query, operationName, conditions }));
        }),
  };
}

function prepareValid(valid: ValidDocument, supergraph: Supergraph, planner: Planner): PreparedDocument {
  const conditions = conditionVariables(valid.operation, valid.fragments);
  const compiled = createBoundedCache<Promise<Operation>>(CONDITION_SETS_MAX);

  return {
    kind: valid.operation.operation,
    variableDefinitions: valid.operation.variableDefinitions ?? [],
    operation(variables) {
      const answers = conditions.map((name) => [name, variables[name] === true] as const);
      const key = answers.map(([, answer]) => (answer ? 'y' : 'n')).join('');
      const known = compiled.get(key);
      if (known) return known;
      const operation = observePlanning(() =>
        compileOperation(valid, Object.fromEntries(answers), supergraph, (text) => planner.plan(text, null)),
      );
      compiled.set(key, operation, 1);
      operation.catch(() => compiled.delete(key));
      return operation;
    },
    planned: () =>
      compiled
        .entries()
        .map(([key]) => Object.fromEntries(conditions.map((name, index) => [name, key[index] === 'y']))),
  };
}

/** Whoever asks first waits for it, and has it in its trace. */
function observePlanning(plan: () => Promise<Operation>): Promise<Operation> {
  return traced('plan', {}, async () => {
    const startedAt = performance.now();
    let outcome = 'failed';
    try {
      const operation = await plan();
      outcome = 'ok';
      return operation;
    } finally {
      planDurations.observe({ outcome }, secondsSince(startedAt));
    }
  });
}

/** How many answers to its `@skip` and `@include` are remembered for each document. */
const CONDITION_SETS_MAX = 32;
