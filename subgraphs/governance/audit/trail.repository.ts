import { validate as isUuid } from 'uuid';
import { Prisma, type PrismaClient } from '../../../platform/database/generated/client.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { visibleTrail } from './trail.visibility.js';

export type AuditRow = {
  sequence: bigint;
  id: string;
  at: Date;
  type: string;
  subgraph: string;
  subject_type: string;
  subject_id: string;
  subject_version: number;
  project_id: string | null;
  actor_id: string;
  on_behalf_of: string | null;
  request_id: string;
  correlation_id: string;
  causation_id: string | null;
  payload: object;
};

/** Null where a condition is not given. */
export type TrailFilter = {
  projectId?: string | null | undefined;
  actorId?: string | null | undefined;
  subjectId?: string | null | undefined;
  typeIn?: readonly string[] | null | undefined;
  subgraph?: string | null | undefined;
  from?: Date | null | undefined;
  to?: Date | null | undefined;
};

/** Newest first, behind the sequence `after`. */
export type TrailPage = { take: number; after: bigint | null };

const { sql } = Prisma;

/** The read side of the trail. Every query is bound to a viewer, and shows only what they may see. */
export function createTrailRepository(prisma: Pick<PrismaClient, '$queryRaw'>) {
  return {
    page: (viewer: Principal, filter: TrailFilter, { take, after }: TrailPage) =>
      prisma.$queryRaw<AuditRow[]>`
        SELECT * FROM governance.audit_event
        WHERE ${visibleTrail(viewer)} AND ${matching(filter)} AND ${older(after)}
        ORDER BY sequence DESC LIMIT ${take}`,

    /** Oldest first, behind the sequence `after`. */
    following: (viewer: Principal, filter: TrailFilter, { take, after }: { take: number; after: bigint }) =>
      prisma.$queryRaw<AuditRow[]>`
        SELECT * FROM governance.audit_event
        WHERE ${visibleTrail(viewer)} AND ${matching(filter)} AND sequence > ${after}
        ORDER BY sequence LIMIT ${take}`,

    /** The newest place in the trail, whoever may see what stands there. */
    async head(): Promise<bigint> {
      const rows = await prisma.$queryRaw<{ sequence: bigint }[]>`SELECT sequence FROM governance.audit_head`;
      return rows[0]?.sequence ?? 0n;
    },

    async count(viewer: Principal, filter: TrailFilter): Promise<number> {
      const rows = await prisma.$queryRaw<{ count: bigint }[]>`
        SELECT count(*) FROM governance.audit_event WHERE ${visibleTrail(viewer)} AND ${matching(filter)}`;
      return Number(rows[0]?.count ?? 0);
    },

    findByIds: (viewer: Principal, ids: readonly string[]) =>
      prisma.$queryRaw<AuditRow[]>`
        SELECT * FROM governance.audit_event
        WHERE id = ANY (${ids.filter((id) => isUuid(id))}::uuid[]) AND ${visibleTrail(viewer)}`,

    /** A page of the trail of each of many things: what happened to it, and to what serves it. */
    pagesOf: (viewer: Principal, things: readonly string[], { take, after }: TrailPage) => {
      const newest = (isOfThing: Prisma.Sql) => sql`
        (SELECT * FROM governance.audit_event WHERE ${isOfThing} AND ${visibleTrail(viewer)} AND ${older(after)}
         ORDER BY sequence DESC LIMIT ${take})`;
      return prisma.$queryRaw<(AuditRow & { thing: string })[]>`
        SELECT thing, entry.* FROM unnest(${[...things]}::text[]) AS thing CROSS JOIN LATERAL (
          ${newest(sql`subject_id = thing`)} UNION ALL ${newest(sql`serves_id = thing`)}
          ORDER BY sequence DESC LIMIT ${take}
        ) AS entry ORDER BY entry.sequence DESC`;
    },

    countsOf: (viewer: Principal, things: readonly string[]) =>
      prisma.$queryRaw<{ thing: string; count: bigint }[]>`
        SELECT thing, count(*) FROM unnest(${[...things]}::text[]) AS thing
        JOIN governance.audit_event ON subject_id = thing OR serves_id = thing
        WHERE ${visibleTrail(viewer)} GROUP BY thing`,
  };
}

export type TrailRepository = ReturnType<typeof createTrailRepository>;

const older = (after: bigint | null) => (after === null ? sql`TRUE` : sql`sequence < ${after}`);

function matching(filter: TrailFilter): Prisma.Sql {
  const { projectId, actorId, subjectId, typeIn, subgraph, from, to } = filter;
  const conditions = [
    projectId != null && sql`project_id = ${projectId}`,
    actorId != null && sql`${actorId} IN (actor_id, on_behalf_of)`,
    subjectId != null && sql`${subjectId} IN (subject_id, serves_id)`,
    typeIn != null && sql`type = ANY (${[...typeIn]}::text[])`,
    subgraph != null && sql`subgraph = ${subgraph}`,
    from != null && sql`at >= ${from}`,
    to != null && sql`at < ${to}`,
  ].filter((condition) => condition !== false);
  return conditions.length === 0 ? sql`TRUE` : Prisma.join(conditions, ' AND ');
}
