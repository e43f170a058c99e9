import { toClientKey } from './aliases.js';
import type { Failure, Fault, PathSegment } from './failure.js';

/** The errors of one answer, as JSON texts. One place has at most one error. */
export interface AnswerErrors {
  readonly texts: string[];
  /** How often an error was found, those included that had been reported already. */
  found: number;
  readonly places: Set<string>;
}

export const createAnswerErrors = (): AnswerErrors => ({ texts: [], found: 0, places: new Set() });

export function addFailure(
  errors: AnswerErrors,
  { causes: [cause], sibling }: Failure,
  path: PathSegment[],
): void {
  const place = sibling === undefined ? path : [...path.slice(0, -1), toClientKey(sibling)];
  const below = cause.below.map((segment) => (typeof segment === 'string' ? toClientKey(segment) : segment));
  addFault(errors, cause.fault, [...place, ...below]);
}

export function addFault(
  errors: AnswerErrors,
  { message, extensions }: Fault,
  path: readonly PathSegment[],
): void {
  errors.found += 1;
  const place = JSON.stringify(path);
  if (errors.places.has(place)) return;
  errors.places.add(place);
  errors.texts.push(
    `{"message":${JSON.stringify(message)},"path":${place},"extensions":${JSON.stringify(extensions)}}`,
  );
}
