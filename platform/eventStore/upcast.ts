/**
 * For each event type the steps from schema version 1 to 2, from 2 to 3, and so on. Stored events never change: what is
 * read is lifted to the newest version here, in one place, and nothing else ever sees an old one.
 */
export type Upcasters = Readonly<Record<string, readonly ((data: object) => object)[]>>;

export const currentSchemaVersion = (upcasters: Upcasters, type: string): number =>
  1 + (upcasters[type]?.length ?? 0);

/** Fails for a version that is newer than this program: it must not guess what a newer one meant. */
export function upcast(upcasters: Upcasters, type: string, schemaVersion: number, data: object): object {
  const newest = currentSchemaVersion(upcasters, type);
  if (schemaVersion > newest)
    throw new Error(`${type} has schema version ${schemaVersion}; this program knows ${newest}`);
  return (upcasters[type] ?? []).slice(schemaVersion - 1).reduce((lifted, step) => step(lifted), data);
}
