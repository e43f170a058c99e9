import { Prisma } from '../database/generated/client.js';
import type { Lease, Term } from './lease.js';

/**
 * A query for a WITH clause, with one row if no later term has begun. None can begin before the statement has committed,
 * so that what depends on that row is never written by an earlier leader.
 */
export const isLatestTerm = ({ name }: Lease, { epoch }: Term): Prisma.Sql => Prisma.sql`
  SELECT epoch FROM eventlog.lease WHERE name = ${name} AND epoch = ${epoch} FOR SHARE`;
