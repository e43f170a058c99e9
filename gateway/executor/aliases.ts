import type { FieldNode } from 'graphql';

/**
 * A client may name any field `id`, and the planner would then read that field where it needs the entity's key. So
 * inside, an alias is another name than it is for the client, and can never be the name of a field.
 */
const PREFIX = '_as_';

/** The key that the client sees. */
export const clientKeyOf = ({ alias, name }: FieldNode) => alias?.value ?? name.value;

/** The key of the same value in the executor's data. */
export function dataKeyOf({ alias, name }: FieldNode): string {
  return alias && alias.value !== name.value ? PREFIX + alias.value : name.value;
}

export const toClientKey = (dataKey: string) =>
  dataKey.startsWith(PREFIX) ? dataKey.slice(PREFIX.length) : dataKey;
