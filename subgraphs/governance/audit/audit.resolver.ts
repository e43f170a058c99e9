import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { badUserInput } from '../../../platform/errors.js';
import { type Connection, paginate } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { Auditable } from './auditable.type.js';
import { AuditEvent, AuditEventConnection, AuditFilter } from './auditEvent.type.js';
import { toAuditEvent } from './toAuditEvent.js';
import type { AuditRow, TrailPage } from './trail.repository.js';

/** The one door to single events; the loader shows only what the viewer may see. */
export async function visibleAuditEvent(id: string, context: Context): Promise<AuditEvent | null> {
  await context.trailIsCurrent();
  const row = await context.loaders.auditEvent.load(id);
  return row && toAuditEvent(row);
}

@Resolver(() => AuditEvent)
export class AuditResolver {
  @Query(() => AuditEvent, {
    nullable: true,
    description: 'An event of the trail by its id; null if there is none that you may see.',
  })
  auditEvent(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<AuditEvent | null> {
    return visibleAuditEvent(id, context);
  }

  @Query(() => AuditEventConnection, {
    description: 'The audit trail over all parts of Fleetgraph, as far as you may see it; newest first.',
  })
  async auditEvents(
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Which events; without it all.' })
    filter: AuditFilter | null,
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place, to older ones.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<AuditEvent>> {
    const { repositories, principal } = context;
    await context.trailIsCurrent();
    return pageOfTrail(
      { first, after },
      {
        read: (page) => repositories.trail.page(principal, filter ?? {}, page),
        count: () => repositories.trail.count(principal, filter ?? {}),
      },
    );
  }
}

/** Serves every type that implements the interface, governance's own and the stubs. */
@Resolver(() => Auditable)
export class AuditTrailResolver {
  @FieldResolver()
  async auditTrail(
    @Root() { id: thing }: Auditable,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place, to older ones.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<AuditEvent>> {
    const { trail, trailCount } = context.loaders;
    await context.trailIsCurrent();
    return pageOfTrail(
      { first, after },
      { read: (page) => trail.load({ thing, ...page }), count: () => trailCount.load(thing) },
    );
  }
}

function pageOfTrail(
  page: { first: number; after: string | null },
  { read, count }: { read: (page: TrailPage) => Promise<AuditRow[]>; count: () => Promise<number> },
): Promise<Connection<AuditEvent>> {
  return paginate(page, {
    read: ({ take, after }) => read({ take, after: after === null ? null : decodeSequence(after) }),
    key: ({ sequence }) => String(sequence),
    toNode: toAuditEvent,
    count,
  });
}

function decodeSequence(key: string): bigint {
  if (!/^\d{1,18}$/.test(key))
    throw badUserInput([{ path: ['after'], message: 'is no cursor of this list' }]);
  return BigInt(key);
}
