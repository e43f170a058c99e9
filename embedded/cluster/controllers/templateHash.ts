import { createHash } from 'node:crypto';

/** Objects in the store never change, so the hash of one is worked out once. */
const known = new WeakMap<object, string>();

/** What tells one version of a pod template from another. */
export function templateHash(template: object | undefined): string {
  if (!template) return '';
  const hash =
    known.get(template) ?? createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
  known.set(template, hash);
  return hash;
}
