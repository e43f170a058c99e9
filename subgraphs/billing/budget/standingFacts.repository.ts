import type { Transaction } from '../../../platform/database/database.js';
import type { HoldState } from '../hold/hold.js';
import type { PriceTimeline, Usage } from '../usage/rating.js';
import { toTimeline, toUsage, type UsageRow } from '../usage/usage.repository.js';

/** With the projects above the one that used or holds it, from the root down to itself. */
type Placed<Thing> = Thing & { readonly lineage: readonly string[] };

/** What decides where budgets stand. */
export type StandingFacts = {
  readonly holds: readonly Placed<{ id: string; state: HoldState }>[];
  readonly usages: readonly Placed<Usage>[];
  readonly prices: PriceTimeline;
};

/** As JSON has it: times are text. */
type Json<Row> = { [Key in keyof Row]: Date extends Row[Key] ? string | Exclude<Row[Key], Date> : Row[Key] };
type Facts = {
  holds: StandingFacts['holds'];
  usages: Placed<Json<UsageRow>>[];
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
      SELECT hold.id, hold.state, below.lineage
      FROM billing.budget_hold AS hold JOIN below ON below.id = hold.project_id WHERE hold.live
    ), used AS (
      SELECT usage.allocation_id AS "allocationId", usage.owner_id AS "ownerId", usage.owner_kind AS "ownerKind",
        usage.project_id AS "projectId", usage.gpu_model_id AS "gpuModelId", usage.basis_points AS "basisPoints",
        usage."from", usage."to", below.lineage
      FROM billing.usage JOIN below ON below.id = usage.project_id
      WHERE usage."to" IS NULL
        OR usage."to" > (SELECT least(${begun}::timestamptz, min((state->>'since')::timestamptz)) FROM held)
    ), priced AS (
      SELECT name, in_force_from AS "inForceFrom", state FROM billing.price_book
      WHERE in_force_from IS NOT NULL ORDER BY in_force_from, id
    )
    SELECT (SELECT coalesce(jsonb_agg(held), '[]') FROM held) AS holds,
      (SELECT coalesce(jsonb_agg(used), '[]') FROM used) AS usages,
      (SELECT coalesce(jsonb_agg(priced), '[]') FROM priced) AS books`;
  const [facts] = rows;
  if (!facts) throw new Error('The database told nothing');
  return {
    holds: facts.holds,
    usages: facts.usages.map(({ lineage, from, to, ...row }) => ({
      ...toUsage({ ...row, from: new Date(from), to: to === null ? null : new Date(to) }),
      lineage,
    })),
    prices: toTimeline(facts.books.map((book) => ({ ...book, inForceFrom: new Date(book.inForceFrom) }))),
  };
}
