import type { OwnerKind } from '../../../contracts/resources.events.js';

const KIND_BY_PREFIX: Readonly<Record<string, OwnerKind>> = {
  instance: 'INSTANCE',
  job: 'JOB',
  deployment: 'DEPLOYMENT',
};

/** What an id names, if it is something that can cost money: ids are `<kind>_<ulid>`. */
export const ownerKindOf = (id: string): OwnerKind | null => {
  const prefix = id.slice(0, id.indexOf('_'));
  return Object.hasOwn(KIND_BY_PREFIX, prefix) ? (KIND_BY_PREFIX[prefix] ?? null) : null;
};
