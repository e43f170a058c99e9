import type { Database } from '../database/database.js';
import type { Position } from '../eventStore/event.js';
import { type Term, TermOver } from './lease.js';

/** Whose it is, and which context it reads. */
export type CheckpointKey = { readonly name: string; readonly context: string };

/** How far a reader has come that only the leader runs. What another term's leader has reached is never undone. */
export interface FencedCheckpoint {
  readonly position: Position;
  /** Fails with TermOver, and changes nothing, once a later term's leader has opened it. */
  moveTo(position: Position): Promise<void>;
}

/**
 * Opens the checkpoint for a term, where the leader before has left it. From then on no earlier leader can move it, even
 * one that was paused and does not know yet that its term is over. Fails with TermOver if that is this one.
 */
export async function openCheckpoint(
  { prisma }: Pick<Database, 'prisma'>,
  { name, context }: CheckpointKey,
  { epoch }: Pick<Term, 'epoch'>,
): Promise<FencedCheckpoint> {
  const termOver = () => new TermOver(`Term ${epoch} of ${name} on ${context} is over`);
  const rows = await prisma.$queryRaw<{ position: Position }[]>`
    INSERT INTO eventlog.checkpoint AS stored (name, context, position, epoch) VALUES (${name}, ${context}, 0, ${epoch})
    ON CONFLICT (name, context) DO UPDATE SET epoch = excluded.epoch WHERE stored.epoch <= excluded.epoch
    RETURNING position`;
  const [opened] = rows;
  if (!opened) throw termOver();
  let reached = opened.position;
  return {
    get position() {
      return reached;
    },
    async moveTo(position) {
      const data = { position };
      const { count } = await prisma.checkpoint.updateMany({ where: { name, context, epoch }, data });
      if (count === 0) throw termOver();
      reached = position;
    },
  };
}
