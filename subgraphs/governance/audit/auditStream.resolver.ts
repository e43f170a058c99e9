import { Arg, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { AuditFilter, AuditStreamItem } from './auditEvent.type.js';
import { type AuditStreamArgs, openAuditStream } from './audit.feed.js';

type Subscribed = { args: AuditStreamArgs; context: Context };

@Resolver()
export class AuditStreamResolver {
  @Subscription(() => AuditStreamItem, {
    subscribe: ({ args, context }: Subscribed) => openAuditStream(args, context),
    description:
      'The audit trail as it grows, as far as you may see it: from now on, or behind a cursor, missing none. A cursor of a trail that was set back since ends it with CURSOR_EXPIRED.',
  })
  auditStream(
    @Root() item: AuditStreamItem,
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Which events; without it all.' })
    _filter: AuditFilter | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): AuditStreamItem {
    return item;
  }
}
