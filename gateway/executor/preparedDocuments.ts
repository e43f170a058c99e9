import type { OperationTypeNode } from 'graphql';
import { createBoundedCache } from '../boundedCache.js';
import type { Planner } from '../planner/planner.js';
import { compileOperation, type Operation } from './compileOperation.js';
import { readDocument, type ValidDocument } from './document.js';
import type { RequestError } from './requestErrors.js';
import type { Supergraph } from './supergraph.js';

export interface PreparedDocument {
  readonly kind: OperationTypeNode;
  /** Plans and compiles when it is first asked for. Fails with a `PublicError`; then the next one asks again. */
  operation(): Promise<Operation>;
}

export type Prepare = (
  query: string,
  operationName: string | null | undefined,
) => PreparedDocument | { errors: readonly RequestError[] };

/** Length of the documents remembered; what is compiled from them takes a small multiple of it. */
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** Parses, validates, plans and compiles each document once, and remembers those used last, refused ones too. */
export function createPreparedDocuments(supergraph: Supergraph, planner: Planner): Prepare {
  const prepared = createBoundedCache<ReturnType<Prepare>>(CHARACTERS_MAX);

  return (query, operationName) => {
    const key = `${operationName ?? ''}\n${query}`;
    const known = prepared.get(key);
    if (known) return known;
    const read = readDocument(supergraph.api, query, operationName);
    const result = 'errors' in read ? read : prepareValid(read.valid, supergraph, planner);
    prepared.set(key, result, key.length);
    return result;
  };
}

function prepareValid(valid: ValidDocument, supergraph: Supergraph, planner: Planner): PreparedDocument {
  let compiled: Promise<Operation> | undefined;
  return {
    kind: valid.operation.operation,
    operation() {
      compiled ??= compileOperation(valid, supergraph, (document) => planner.plan(document, null)).catch(
        (error: unknown) => {
          compiled = undefined;
          throw error;
        },
      );
      return compiled;
    },
  };
}
