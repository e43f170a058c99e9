import type { Obstacle } from './checks.js';
import { failingChecks, reasonOf } from './blockers.js';
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
  blockers: (Obstacle & { reason: string; since: string })[];
  inputs: {
    /** How much of its nominal the project used: who used least was looked at first. */
    share: number;
    waiting: number;
    models: {
      gpuModelId: string;
      checks: { subject: string; passed: boolean; need: string | null; free: string | null }[];
    }[];
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
  const waiting = jobClass.ready.size + jobClass.held.size;
  const models = jobClass.options.map(({ gpuModelId, checks }) => ({
    gpuModelId,
    checks: checks.map(({ subject, code, describe }) => {
      const { need, free } = describe();
      return { subject, passed: code === null, need, free };
    }),
  }));
  return {
    ...{ id, classKey, projectId, queueId, jobId },
    verdict: jobId === null ? 'WAIT' : 'START',
    blockers: jobId === null ? blockers(jobClass, at) : [],
    inputs: { share, waiting, models },
    decidedAt: new Date(at).toISOString(),
  };
}

const blockers = (jobClass: JobClass, at: number): Decision['blockers'] =>
  failingChecks(jobClass).flatMap((check) => {
    const reason = reasonOf(check);
    const since = new Date(jobClass.reasons.get(reason) ?? at).toISOString();
    return check.code === null ? [] : [{ ...check.describe(), code: check.code, reason, since }];
  });
