import type { SubgraphError, SubgraphResponse } from '../transports/transport.js';
import { callOf, notePositions, type Execution } from './execution.js';
import { Failure, failureOf, type Cause } from './failure.js';
import type { Data } from './merge.js';
import { readOwed, type OwedField } from './owed.js';
import { finalPath, placeError } from './placeErrors.js';
import { faultOf, lossOf, mask, reasonOf } from './subgraphErrors.js';

/** A document for one subgraph, as a plan holds it. */
export interface SubgraphDocument {
  readonly subgraph: string;
  readonly text: string;
  /** Variables of the client's operation that it uses. */
  readonly variableUsages: readonly string[];
  /** What the subgraph owes. Read from the text when it is first needed. */
  owed(): readonly OwedField[];
}

export function subgraphDocument(
  node: { serviceName: string; operation: string; variableUsages?: string[] },
  renamed: (owed: readonly OwedField[]) => readonly OwedField[],
): SubgraphDocument {
  let owed: readonly OwedField[] | undefined;
  return {
    subgraph: node.serviceName,
    text: node.operation,
    variableUsages: node.variableUsages ?? [],
    owed: () => (owed ??= renamed(readOwed(node.operation))),
  };
}

/** The answer's data with a failure in the place of every error, or one failure where there is no data at all. */
export async function askSubgraph(
  document: SubgraphDocument,
  variables: string | null,
  execution: Execution,
): Promise<Data | Failure> {
  const { subgraph, text } = document;
  const { signal } = execution.call;
  if (signal.aborted) return failureOf(reasonOf(signal), document.owed());
  let response: SubgraphResponse;
  try {
    const transport = execution.transports[subgraph];
    if (!transport) throw new Error(`no transport leads to ${subgraph}`);
    response = await transport.execute({ document: text, variables }, callOf(execution));
  } catch (error) {
    return failureOf(lossOf(error, subgraph, execution), document.owed());
  }
  return readResponse(response, document, execution);
}

export function readResponse(
  response: SubgraphResponse,
  document: SubgraphDocument,
  execution: Execution,
): Data | Failure {
  notePositions(execution, response);
  const { data, errors } = response;
  if (data && !errors?.length) return data;
  if (!data) return failureOfAll(errors ?? [], document, execution);
  for (const error of errors ?? []) {
    const fault = faultOf(error, document.subgraph, execution);
    if (!placeError(data, error.path ?? [], fault, document.owed()))
      execution.unplaced.push(JSON.stringify({ message: fault.message, extensions: fault.extensions }));
  }
  return data;
}

function failureOfAll(
  errors: readonly SubgraphError[],
  document: SubgraphDocument,
  execution: Execution,
): Failure {
  const owed = document.owed();
  const [first, ...others] = errors.map((error): Cause => ({
    fault: faultOf(error, document.subgraph, execution),
    below: finalPath(error.path ?? [], owed),
  }));
  if (first) return new Failure([first, ...others], owed);
  return failureOf(mask(new Error('neither data nor errors'), document.subgraph, execution), owed);
}

/** The inside of a JSON object that holds those of the client's variables that a document uses; may be empty. */
export function variablesText({ variableUsages }: SubgraphDocument, { variables }: Execution): string {
  let text = '';
  for (const name of variableUsages) {
    const value = variables[name];
    if (value !== undefined) text += `${text ? ',' : ''}"${name}":${JSON.stringify(value)}`;
  }
  return text;
}
