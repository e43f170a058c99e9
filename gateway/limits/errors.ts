import { PublicError } from '../../platform/errors.js';

/** What of a document is limited. `cost` is predicted from its lists and the schema's `@cost` and `@listSize`. */
export type Measure =
  'tokens' | 'depth' | 'aliases' | 'rootFields' | 'directives' | 'fragments' | 'variables' | 'cost';

/** `need` is null where counting stopped at the limit. */
export const queryTooComplex = (measure: Measure, need: number | null, limit: number) =>
  new PublicError(
    'QUERY_TOO_COMPLEX',
    need === null
      ? `The document has more than ${limit} ${WORDS[measure]}`
      : `The document has ${WORDS[measure]} ${need}, more than ${limit}`,
    measure === 'cost' ? 'Ask for shorter lists or fewer fields.' : 'Split the document into smaller ones.',
    { measure, need, limit },
  );

const WORDS: Record<Measure, string> = {
  tokens: 'tokens',
  depth: 'a depth of',
  aliases: 'aliases:',
  rootFields: 'root fields:',
  directives: 'directives:',
  fragments: 'fragments:',
  variables: 'variables:',
  cost: 'a predicted cost of',
};
