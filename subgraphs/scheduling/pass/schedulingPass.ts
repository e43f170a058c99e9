import { createChecks } from './checks.js';
import { byPlace, positionIn } from './jobOrder.js';
import { awaitsApproval, blockersOf, failingChecks, isAsExplained, notEvaluated } from './blockers.js';
import { type Decision, decisionOn } from './decision.js';
import { deviceRules } from './deviceRules.js';
import { createFleetBook } from './fleetBook.js';
import { type KnownJob, type KnownJobEvent, knownJobAfter } from './knownJob.js';
import { createMoneyBook, type Shortage } from './moneyBook.js';
import { createQuotaBook } from './quotaBook.js';
import type { JobBlocker } from './standing.js';
import { createWaitingRoom, isEmpty, type JobClass, type Option } from './waitingRoom.js';

/** A job whose turn it is: `decisionId` names the decision that says why. */
export type JobPick = { jobId: string; attempt: number; gpuModelId: string; decisionId: string };

/** What a reservation came to (see job/job.reservation.ts). FAILED: billing could not be asked. */
export type PickAnswer = { outcome: 'RESERVED' | 'MOVED_ON' | 'FAILED' } | ({ outcome: 'BUDGET' } & Shortage);

export type PassResult = {
  picks: JobPick[];
  decisions: Decision[];
  /** Decisions that count no more. */
  endedIds: string[];
  /** When a held job's time comes; null if none is held. */
  nextAt: number | null;
};

/** A decision that is stored, and that nobody has ended. */
export type StandingDecision = { id: string; classKey: string; reasons: ReadonlyMap<string, number> };

/** How long a job is left alone whose reservation led to nothing. */
const AGAIN_MS = { MOVED_ON: 1_000, FAILED: 5_000 } as const;

export type SchedulingPass = ReturnType<typeof createSchedulingPass>;

/**
 * Who may start, and why the others wait. All that it knows is in memory and comes in by events; what it decides follows
 * from that alone, so it is the same in every process that has heard the same. A run looks only at classes of jobs about
 * which something has changed. Times are milliseconds since 1970.
 */
export function createSchedulingPass(newId: () => string) {
  const changed = new Set<JobClass>();
  const checks = createChecks<Option>(({ jobClass }) => changed.add(jobClass));
  const quotas = createQuotaBook(checks.changed);
  const fleet = createFleetBook({ use: quotas.use, onChange: checks.changed });
  const money = createMoneyBook({ lineageOf: quotas.lineageOf, onChange: checks.changed });
  const room = createWaitingRoom({
    checks,
    rulesFor: ({ projectId, count, maxRuntimeSeconds }, gpuModelId) => [
      quotas.rules(projectId, gpuModelId, count),
      money.rule(projectId, gpuModelId, count, maxRuntimeSeconds),
      deviceRules(fleet, gpuModelId, count),
    ],
    onChange(jobClass) {
      inherit(jobClass);
      changed.add(jobClass);
      money.interest(jobClass.projectId, true);
    },
  });
  const jobs = new Map<string, KnownJob>();
  const tried = new Set<string>();
  const inherited = new Map<string, StandingDecision>();

  function setJob(id: string, before: KnownJob | null, after: KnownJob | null, now: number): void {
    if (after) jobs.set(id, after);
    else jobs.delete(id);
    const waited = before?.phase === 'QUEUED';
    const waits = after?.phase === 'QUEUED';
    if (waited && !waits) room.leave(before);
    if (!waits) tried.delete(id);
    if (!after || (waits && !waited)) fleet.release(id);
    if (waits && !waited) room.put(after, now);
  }

  function applyJob(event: KnownJobEvent, now: number): void {
    const before = jobs.get(event.streamId) ?? null;
    const after = knownJobAfter(before, event);
    if (after === before) return;
    setJob(event.streamId, before, after, now);
    if (!after) return;
    if (event.type === 'JobReserved')
      fleet.promise(after.id, after.projectId, event.data.gpuModelId, after.count);
    if (event.type === 'JobStarting') fleet.confirm(after.id, event.data.allocationIds);
  }

  const openOption = ({ options }: JobClass) => options.find(({ failing }) => failing === 0);

  /** Classes of which a job may start, by project. */
  function findReady(): Map<string, Set<JobClass>> {
    const ready = new Map<string, Set<JobClass>>();
    for (const jobClass of changed) {
      if (jobClass.ready.length === 0 || !openOption(jobClass)) continue;
      const ofProject = ready.get(jobClass.projectId);
      if (ofProject) ofProject.add(jobClass);
      else ready.set(jobClass.projectId, new Set([jobClass]));
    }
    return ready;
  }

  /** The first in the order of its queue among those of a project that may start. */
  function firstOf(classes: Set<JobClass>): JobClass | null {
    let first: JobClass | null = null;
    for (const jobClass of classes) {
      const head = jobClass.ready[0];
      if (!head || !openOption(jobClass)) classes.delete(jobClass);
      else if (!first?.ready[0] || byPlace(head, first.ready[0]) < 0) first = jobClass;
    }
    return first;
  }

  /** The project that uses the smallest part of what is theirs comes first; of equal ones, whose job is first. */
  function next(ready: Map<string, Set<JobClass>>): { jobClass: JobClass; share: number } | null {
    let best: { jobClass: JobClass; share: number; head: KnownJob } | null = null;
    for (const [projectId, classes] of ready) {
      const jobClass = firstOf(classes);
      const head = jobClass?.ready[0];
      if (!jobClass || !head) {
        ready.delete(projectId);
        continue;
      }
      const share = quotas.share(projectId);
      const isBefore = !best || share < best.share || (share === best.share && byPlace(head, best.head) < 0);
      if (isBefore) best = { jobClass, share, head };
    }
    return best;
  }

  function pick(
    jobClass: JobClass,
    share: number,
    now: number,
  ): { pick: JobPick; decision: Decision } | null {
    const job = jobClass.ready[0];
    const option = openOption(jobClass);
    if (!job || !option) return null;
    const { gpuModelId } = option;
    const decision = decisionOn(jobClass, { id: newId(), jobId: job.id, share, at: now });
    room.setAside(job);
    tried.add(job.id);
    fleet.promise(job.id, job.projectId, gpuModelId, job.count);
    fleet.settle();
    return { pick: { jobId: job.id, attempt: job.attempt, gpuModelId, decisionId: decision.id }, decision };
  }

  /** Why the class waits, if that is another reason than before. */
  function explain(jobClass: JobClass, now: number): { decision: Decision | null; endedId: string | null } {
    const endedId = jobClass.decisionId;
    if (isEmpty(jobClass)) {
      if (room.drop(jobClass)) money.interest(jobClass.projectId, false);
      return { decision: null, endedId };
    }
    const wasExplained = jobClass.isExplained;
    jobClass.isExplained = true;
    if (wasExplained && isAsExplained(jobClass)) return { decision: null, endedId: null };
    const before = jobClass.reasons;
    jobClass.reasons = new Map(
      failingChecks(jobClass).map(({ reason }) => [reason ?? '', before.get(reason ?? '') ?? now]),
    );
    if (jobClass.reasons.size === 0 && endedId === null) return { decision: null, endedId: null };
    const share = quotas.share(jobClass.projectId);
    const decision = decisionOn(jobClass, { id: newId(), jobId: null, share, at: now });
    jobClass.decisionId = decision.id;
    return { decision, endedId };
  }

  function inherit(jobClass: JobClass): void {
    const standing = inherited.size > 0 ? inherited.get(jobClass.key) : undefined;
    if (!standing) return;
    inherited.delete(jobClass.key);
    jobClass.reasons = standing.reasons;
    jobClass.decisionId = standing.id;
    jobClass.isExplained = true;
  }

  return {
    quotas,
    fleet,
    money,
    applyJob,
    jobs: (): ReadonlyMap<string, KnownJob> => jobs,
    waiting: room,

    /** Takes a job as its row says, before any of its events is heard. */
    addJob(job: KnownJob, now: number): void {
      setJob(job.id, null, job, now);
      if (job.phase === 'RESERVED' && job.gpuModelId !== null) {
        const given = [...fleet.held()].filter(({ ownerId }) => ownerId === job.id).length;
        fleet.promise(job.id, job.projectId, job.gpuModelId, job.count - given);
      }
    },

    /**
     * What is stored counts, and since then: at the start, told before any job, and whenever another process has led. What
     * this one found by itself is found anew by the next run.
     */
    inheritDecisions(decisions: readonly StandingDecision[]): void {
      inherited.clear();
      for (const decision of decisions) inherited.set(decision.classKey, decision);
      for (const jobClass of room.classes()) {
        jobClass.decisionId = null;
        jobClass.isExplained = false;
        inherit(jobClass);
        changed.add(jobClass);
      }
    },

    addProject(id: string, parentId: string | null): void {
      quotas.addProject(id, parentId);
      money.treeChanged();
      room.refit(id);
    },

    /** Decides about all that has changed since the last run. What is picked counts as used from now on. */
    run(now: number): PassResult {
      const nextAt = room.due(now);
      money.tick(now);
      fleet.settle();
      const result: PassResult = { picks: [], decisions: [], endedIds: [], nextAt };
      const ready = findReady();
      for (let found = next(ready); found; found = next(ready)) {
        const picked = pick(found.jobClass, found.share, now);
        if (!picked) break;
        result.picks.push(picked.pick);
        result.decisions.push(picked.decision);
      }
      for (const jobClass of changed) {
        const { decision, endedId } = explain(jobClass, now);
        if (decision) result.decisions.push(decision);
        if (endedId !== null) result.endedIds.push(endedId);
      }
      changed.clear();
      // What nobody waits for any more.
      result.endedIds.push(...[...inherited.values()].map(({ id }) => id));
      inherited.clear();
      return result;
    },

    /** What became of a pick. */
    answer({ jobId, attempt }: JobPick, answer: PickAnswer, now: number): void {
      if (answer.outcome === 'RESERVED' || !tried.delete(jobId)) return;
      const job = jobs.get(jobId);
      if (!job || job.phase !== 'QUEUED' || job.attempt !== attempt) return;
      fleet.release(jobId);
      if (answer.outcome !== 'BUDGET') return room.hold(job, now + AGAIN_MS[answer.outcome], 'NOT_EVALUATED');
      money.refused(job.projectId, answer);
      room.enter(job);
    },

    /** From 1, among all that wait in its queue; null for a job that does not wait. */
    queuePosition(jobId: string): number | null {
      const job = jobs.get(jobId);
      return job?.phase === 'QUEUED' ? positionIn(room.queue(job.queueId), job) : null;
    },

    blockers(jobId: string): JobBlocker[] {
      const job = jobs.get(jobId);
      if (job?.phase === 'AWAITING_APPROVAL') return [awaitsApproval(job)];
      if (job?.phase !== 'QUEUED' || tried.has(jobId)) return [];
      const jobClass = room.classOf(job);
      const found = jobClass?.isExplained ? blockersOf(job, jobClass) : [];
      return found.length > 0 ? found : [notEvaluated(job)];
    },
  };
}
