import { buildWith } from '../../platform/disposables.js';
import { createPerson, type Person } from './person.js';
import type { TokenSource } from './tokens.js';

/** Who plays which part. */
const PARTS = {
  orgAdmin: 'org-admin',
  projectAdmin: 'vision-admin',
  researcher: 'vision-researcher',
  modelApprover: 'model-approver',
  finops: 'finops',
  auditor: 'auditor',
} as const;

export type Cast = Readonly<Record<keyof typeof PARTS, Person>>;

export function createCast(options: {
  url: string;
  tokenOf: TokenSource;
  documents: ReadonlyMap<string, string>;
  signal: AbortSignal;
}): Promise<Cast & AsyncDisposable> {
  const { url, tokenOf, documents, signal } = options;
  return buildWith(async ({ use }) => {
    const play = async (part: keyof typeof PARTS) => {
      const username = PARTS[part];
      return use(await createPerson({ username, token: await tokenOf(username), url, documents, signal }));
    };
    return {
      orgAdmin: await play('orgAdmin'),
      projectAdmin: await play('projectAdmin'),
      researcher: await play('researcher'),
      modelApprover: await play('modelApprover'),
      finops: await play('finops'),
      auditor: await play('auditor'),
    };
  });
}
