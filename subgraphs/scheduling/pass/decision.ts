import { monotonicFactory } from 'ulid';
import type { Check } from './checks.js';
import { failingChecks } from './blockers.js';
import type { JobClass } from './waitingRoom.js';

/** What the pass decided about equal jobs, or about one that it starts, with what it knew. JSON only. */
export type Decision = {
  id: string;
  classKey: string;
  projectId: string;
  queueId: string;
  /** The job that is started; null where all of the class wait. */
  jobId: string | null;
  verdict: 'WAIT' | 'START';
  /** What is in the way, ranked, and since when. */
  blockers: { reason: string; since: string }[];
  inputs: {
    /** How much of its nominal the project used: who used least was looked at first. */
    share: number;
    waiting: number;
    /** All that was checked, with what was compared. `code` is null for what was not in the way. */
    checks: { subject: string; code: Check['code']; need: string | null; free: string | null }[];
  };
  decidedAt: string;
};

/** `at`: milliseconds since 1970. */
export function decisionOn(
  jobClass: JobClass,
  facts: { id: string; jobId: string | null; share: number; at: number },
): Decision {
  const { key: classKey, projectId, queueId } = jobClass;
  const { id, jobId, share, at } = facts;
  const waiting = jobClass.ready.length + jobClass.held.size;
  const checks = jobClass.options.flatMap((option) =>
    option.checks.map(({ rule, code }) => {
      const { need, free } = rule.numbers();
      return { subject: rule.subject, code, need, free };
    }),
  );
  return {
    id,
    classKey,
    projectId,
    queueId,
    jobId,
    verdict: jobId === null ? 'WAIT' : 'START',
    blockers: jobId === null ? blockers(jobClass, at) : [],
    inputs: { share, waiting, checks },
    decidedAt: new Date(at).toISOString(),
  };
}

const blockers = (jobClass: JobClass, at: number): Decision['blockers'] =>
  failingChecks(jobClass).map(({ reason }) => ({
    reason: reason ?? '',
    since: new Date(jobClass.reasons.get(reason ?? '') ?? at).toISOString(),
  }));

/** Makes ids that grow. A pass may need thousands at once, and randomness for each would take longer than the pass. */
export function decisionIds(): () => string {
  const next = monotonicFactory();
  return () => `decision_${next()}`;
}
