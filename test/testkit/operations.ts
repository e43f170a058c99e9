import { readTrustedDocuments } from '../../fleet/trustedDocuments.js';

/** The trusted documents by operation name, each as clients send it. */
export const operations: ReadonlyMap<string, string> = readTrustedDocuments();

export function operation(name: string): string {
  const document = operations.get(name);
  if (document === undefined) throw new Error(`There is no operation ${name} in schema/operations`);
  return document;
}
