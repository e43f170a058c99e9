import { badRequest } from './apiError.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

export type Predicate = (object: KubeObject) => boolean;

/** `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, all of which must hold. */
export function labelPredicate(selector: string | null): Predicate {
  const terms = splitTerms(selector ?? '').map(labelTerm);
  return ({ metadata: { labels = {} } }) => terms.every((holds) => holds(labels));
}

/** `path=value` and `path!=value` over the fields that Kubernetes allows to select by. */
export function fieldPredicate(selector: string | null): Predicate {
  const terms = splitTerms(selector ?? '').map((term) => {
    const [, path = '', operator, value = ''] = /^([^!=]+)(!=|==?)(.*)$/.exec(term) ?? [];
    if (!operator || !selectableFields.has(path))
      throw badRequest(`field label not supported: ${path || term}`);
    const steps = path.split('.');
    return (object: KubeObject) => ((valueAt(object, steps) ?? '') === value) === (operator !== '!=');
  });
  return (object) => terms.every((holds) => holds(object));
}

const selectableFields = new Set([
  'metadata.name',
  'metadata.namespace',
  'spec.nodeName',
  'status.phase',
  'involvedObject.kind',
  'involvedObject.name',
  'involvedObject.namespace',
  'involvedObject.uid',
  'reason',
  'type',
]);

function valueAt(object: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined || typeof object !== 'object' || object === null) return object;
  return valueAt((object as Record<string, unknown>)[step], rest);
}

/** At commas outside of parentheses. */
const splitTerms = (selector: string) =>
  selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

type Labels = Readonly<Record<string, string>>;

function labelTerm(term: string): (labels: Labels) => boolean {
  const [, setKey, setOperator, values = ''] = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term) ?? [];
  if (setKey) {
    const wanted = values.split(',').map((value) => value.trim());
    return (labels) => wanted.includes(labels[setKey] ?? '') === (setOperator === 'in');
  }
  const [, key, operator, value = ''] = /^([^\s!=]+)\s*(!=|==?)\s*(\S*)$/.exec(term) ?? [];
  if (key) return (labels) => (labels[key] === value) === (operator !== '!=');
  const [, not, name] = /^(!?)\s*([^\s!=()]+)$/.exec(term) ?? [];
  if (!name) throw badRequest(`unable to parse requirement: ${term}`);
  return (labels) => name in labels === (not !== '!');
}
