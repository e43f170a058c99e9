import { createAnswerErrors, type AnswerErrors } from './answerErrors.js';
import type { Operation } from './compileOperation.js';
import type { Execution } from './execution.js';
import type { RequestError } from './requestErrors.js';
import type { Projection } from './writers.js';

/** Runs the parts in turn and writes the answer. A mutation ends with the first part that makes the answer null. */
export async function runOperation(operation: Operation, execution: Execution): Promise<string> {
  const projection: Projection = { errors: createAnswerErrors(), path: [] };
  operation.introspect?.(execution);
  let fields = '';
  for (const { run, write } of operation.parts) {
    await run(execution);
    const written = write(execution.data, projection);
    if (written === undefined) return answerText('null', execution, projection.errors);
    if (written) fields += fields ? `,${written}` : written;
  }
  return answerText(`{${fields}}`, execution, projection.errors);
}

function answerText(data: string, { unplaced }: Execution, { texts }: AnswerErrors): string {
  const errors = unplaced.length > 0 ? [...texts, ...unplaced] : texts;
  return errors.length === 0 ? `{"data":${data}}` : `{"data":${data},"errors":[${errors.join()}]}`;
}

/** Whether an answer written here tells of errors. Data is an object or null, so only a list of errors ends like this. */
export const tellsErrors = (answer: string): boolean => answer.endsWith(']}');

export const refusalText = (errors: readonly RequestError[]) => JSON.stringify({ errors });
