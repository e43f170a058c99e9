import type { Transaction } from '../../../platform/database/database.js';
import type { HoldState } from '../hold/hold.js';
import type { Metered, PriceTimeline } from '../usage/rating.js';
import { toTimeline } from '../usage/usage.repository.js';

type Used = Metered & { readonly ownerId: string; readonly projectId: string };

/** What decides where budgets stand. */
export type StandingFacts = {
  /** By project: those above it, from the root down to itself. */
  readonly lineages: ReadonlyMap<string, readonly string[]>;
  readonly holds: readonly { id: string; state: HoldState }[];
  readonly usages: readonly Used[];
  readonly prices: PriceTimeline;
};

/** Rows as lists, because there may be very many of them. Times are milliseconds since 1970. */
type Facts = {
  lineages: Record<string, string[]>;
  holds: StandingFacts['holds'];
  usages: [string, string, string, number, number, number | null][];
  books: { name: string; inForceFrom: string; state: unknown }[];
};

/**
 * What projects and all below them hold now, and used since `begun` or since those holds began, with the prices. One
 * statement, because a request for devices waits for it twice.
 */
export async function readStandingFacts(
  reader: Pick<Transaction, '$queryRaw'>,
  projectIds: readonly string[],
  begun: Date,
): Promise<StandingFacts> {
  const rows = await reader.$queryRaw<Facts[]>`
    WITH below AS (
      SELECT id, lineage FROM billing.project WHERE lineage && ${[...projectIds]}
    ), held AS (
      SELECT hold.id, hold.state
      FROM billing.budget_hold AS hold JOIN below ON below.id = hold.project_id WHERE hold.live
    ), priced AS (
      SELECT name, in_force_from AS "inForceFrom", state FROM billing.price_book
      WHERE in_force_from IS NOT NULL ORDER BY in_force_from, id
    )
    SELECT (SELECT coalesce(json_object_agg(id, lineage), '{}') FROM below) AS lineages,
      (SELECT coalesce(json_agg(held), '[]') FROM held) AS holds,
      (SELECT coalesce(json_agg(priced), '[]') FROM priced) AS books,
      (
        SELECT coalesce(json_agg(json_build_array(
          usage.owner_id, usage.project_id, usage.gpu_model_id, usage.basis_points,
          (extract(epoch FROM usage."from") * 1000)::bigint, (extract(epoch FROM usage."to") * 1000)::bigint
        )), '[]')
        FROM billing.usage JOIN below ON below.id = usage.project_id
        WHERE usage."to" IS NULL
          OR usage."to" > (SELECT least(${begun}::timestamptz, min((state->>'since')::timestamptz)) FROM held)
      ) AS usages`;
  const [facts] = rows;
  if (!facts) throw new Error('The database told nothing');
  return {
    lineages: new Map(Object.entries(facts.lineages)),
    holds: facts.holds,
    usages: facts.usages.map(([ownerId, projectId, gpuModelId, basisPoints, from, to]) => ({
      ownerId,
      projectId,
      gpuModelId,
      basisPoints,
      from,
      to,
    })),
    prices: toTimeline(facts.books.map((book) => ({ ...book, inForceFrom: new Date(book.inForceFrom) }))),
  };
}
