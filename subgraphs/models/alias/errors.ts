import { notFound, PublicError } from '../../../platform/errors.js';

export const aliasMoved = (facts: {
  modelId: string;
  name: string;
  expectedVersionId: string;
  /** What it resolves to; null if there is no such alias. */
  versionId: string | null;
}) =>
  new PublicError(
    'CONFLICT',
    `Alias ${facts.name} resolves to ${facts.versionId ?? 'nothing'}, not to ${facts.expectedVersionId}`,
    'Look at what it resolves to and decide anew.',
    facts,
  );

export const noSuchAlias = (modelId: string, name: string) => notFound('Alias', `${modelId}/${name}`);
