import { type Check, obstacleOf } from './checks.js';
import type { KnownJob } from './knownJob.js';
import type { JobBlocker } from './standing.js';
import type { HeldJob, JobClass } from './waitingRoom.js';

/**
 * What keeps the jobs of a class from starting: all of it. The model that least is in the way of comes first, then the one
 * that was named first; of one model, what is checked first: quota, budget, devices.
 */
export const failingChecks = ({ options }: JobClass): Check[] =>
  [...options]
    .sort((a, b) => a.failing - b.failing)
    .flatMap(({ checks }) => checks.filter(({ code }) => code !== null));

/** Whether exactly that is in the way which was before. Asked of every class about which something changed. */
export function isAsExplained({ options, reasons }: JobClass): boolean {
  let failing = 0;
  for (const { checks } of options)
    for (const { reason } of checks) {
      if (reason === null) continue;
      if (!reasons.has(reason)) return false;
      failing++;
    }
  return failing === reasons.size;
}

/**
 * The blockers of one of the class's jobs, ranked: those that a run has found, since what came up after the last run has no
 * `since` yet that could stay. A job cannot have been kept back before it was queued.
 */
export function blockersOf(job: KnownJob, jobClass: JobClass): JobBlocker[] {
  const held = jobClass.held.get(job.id);
  const found = failingChecks(jobClass).flatMap((check) => {
    const obstacle = obstacleOf(check);
    const since = jobClass.reasons.get(check.reason ?? '');
    return obstacle && since !== undefined ? [{ ...obstacle, since: iso(Math.max(job.since, since)) }] : [];
  });
  const all = held ? [heldBack(held, job), ...found] : found;
  return all.map((blocker, index) => ({ ...blocker, rank: index + 1 }));
}

/** Nobody has looked at it yet. */
export const notEvaluated = (job: KnownJob): JobBlocker => ({
  ...withoutNumbers,
  code: 'NOT_EVALUATED',
  rank: 1,
  action: 'Wait a moment: the next pass looks at it.',
  since: iso(job.since),
});

export const awaitsApproval = ({ approvalId, since }: KnownJob): JobBlocker => ({
  ...withoutNumbers,
  code: 'APPROVAL',
  rank: 1,
  ref: approvalId === null ? null : { type: 'ApprovalRequest', id: approvalId },
  action: 'Ask somebody who may approve to decide.',
  since: iso(since),
});

const withoutNumbers = { need: null, free: null, unit: null, ref: null };

const heldBack = ({ until, code }: HeldJob, { since }: KnownJob): Omit<JobBlocker, 'rank'> => ({
  ...withoutNumbers,
  code,
  action:
    code === 'HELD'
      ? `Wait until ${iso(until)}: it is not tried before.`
      : `It could not be started just now. It is tried again at ${iso(until)}.`,
  since: iso(since),
});

const iso = (at: number): string => new Date(at).toISOString();
