import type { Checks, CheckUser, RuleSet } from './checks.js';
import { addTo, type JobOrder, removeFrom } from './jobOrder.js';
import type { KnownJob } from './knownJob.js';

/** One of the models that equal jobs would take, and what has to be so for that. */
export type Option = { readonly gpuModelId: string; readonly jobClass: JobClass } & CheckUser;

/** A job that is not to be tried before a time. */
export type HeldJob = { job: KnownJob; until: number; code: 'HELD' | 'NOT_EVALUATED' };

/**
 * Jobs of a queue that are equal as far as starting goes: whatever stops one of them stops all. The pass looks at classes,
 * so that ten thousand equal jobs cost as much as one.
 */
export type JobClass = {
  readonly key: string;
  readonly projectId: string;
  readonly queueId: string;
  readonly count: number;
  readonly maxRuntimeSeconds: number;
  readonly modelIn: readonly string[];
  options: readonly Option[];
  release: () => void;
  readonly ready: JobOrder<KnownJob>;
  readonly held: Map<string, HeldJob>;
  /** Whether any run has looked at it. */
  isExplained: boolean;
  /** What is in the way, by code and subject, and since when (milliseconds since 1970). */
  reasons: ReadonlyMap<string, number>;
  /** The stored decision that says so; null before the first. */
  decisionId: string | null;
};

const NO_REASONS: ReadonlyMap<string, number> = new Map();

/** The jobs that wait: by queue, in the order in which they are served, and by class. */
export function createWaitingRoom(options: {
  checks: Checks<Option>;
  rulesFor: (
    wish: Pick<JobClass, 'projectId' | 'count' | 'maxRuntimeSeconds'>,
    gpuModelId: string,
  ) => readonly RuleSet[];
  /** A class has other jobs than before. */
  onChange: (jobClass: JobClass) => void;
}) {
  const { checks, rulesFor, onChange } = options;
  const queues = new Map<string, JobOrder<KnownJob>>();
  const classes = new Map<string, JobClass>();
  const byProject = new Map<string, Set<JobClass>>();
  const classByJob = new Map<string, JobClass>();
  const holding = new Set<JobClass>();

  function fit(jobClass: JobClass): void {
    const options = jobClass.modelIn.map((gpuModelId): Option => ({
      gpuModelId,
      jobClass,
      checks: [],
      failing: 0,
    }));
    const releases = options.map((option) => checks.use(option, rulesFor(jobClass, option.gpuModelId)));
    jobClass.options = options;
    jobClass.release = () => releases.forEach((release) => release());
  }

  function classOf(job: KnownJob): JobClass {
    const known = classByJob.get(job.id) ?? classWithKey(classKey(job), job);
    classByJob.set(job.id, known);
    return known;
  }

  function classWithKey(key: string, job: KnownJob): JobClass {
    const known = classes.get(key);
    if (known) return known;
    const { projectId } = job;
    const jobClass: JobClass = {
      key,
      projectId,
      queueId: job.queueId,
      count: job.count,
      maxRuntimeSeconds: job.maxRuntimeSeconds,
      modelIn: [...new Set(job.modelIn)],
      options: [],
      release: () => {},
      ready: [],
      held: new Map(),
      isExplained: false,
      reasons: NO_REASONS,
      decisionId: null,
    };
    fit(jobClass);
    classes.set(key, jobClass);
    const ofProject = byProject.get(projectId);
    if (ofProject) ofProject.add(jobClass);
    else byProject.set(projectId, new Set([jobClass]));
    return jobClass;
  }

  function queueOf(queueId: string): JobOrder<KnownJob> {
    const queue = queues.get(queueId) ?? [];
    queues.set(queueId, queue);
    return queue;
  }

  /** Its turn comes with its place, but not before `until`. */
  function hold(job: KnownJob, until: number, code: HeldJob['code']): void {
    const jobClass = classOf(job);
    removeFrom(jobClass.ready, job);
    jobClass.held.set(job.id, { job, until, code });
    holding.add(jobClass);
    onChange(jobClass);
  }

  function leaveClass(job: KnownJob): void {
    const jobClass = classByJob.get(job.id);
    if (!jobClass) return;
    classByJob.delete(job.id);
    removeFrom(jobClass.ready, job);
    jobClass.held.delete(job.id);
    onChange(jobClass);
  }

  function enter(job: KnownJob): void {
    const jobClass = classOf(job);
    jobClass.held.delete(job.id);
    addTo(jobClass.ready, job);
    onChange(jobClass);
  }

  return {
    classes: (): Iterable<JobClass> => classes.values(),
    classOf: (job: KnownJob): JobClass | null => classByJob.get(job.id) ?? null,
    projects: (): Iterable<string> => byProject.keys(),
    queue: (queueId: string): JobOrder<KnownJob> => queues.get(queueId) ?? [],
    queueLengths: (): number[] => [...queues.values()].map(({ length }) => length),

    put(job: KnownJob, now: number): void {
      addTo(queueOf(job.queueId), job);
      if (job.notBefore !== null && job.notBefore > now) hold(job, job.notBefore, 'HELD');
      else enter(job);
    },
    hold,
    /** It may be tried again. */
    enter,

    /** It is being tried: it keeps its place in the queue until it is known to have got its devices. */
    setAside: leaveClass,

    leave(job: KnownJob): void {
      const queue = queueOf(job.queueId);
      removeFrom(queue, job);
      if (queue.length === 0) queues.delete(job.queueId);
      leaveClass(job);
    },

    /** Those that were held until now wait like the others. Returns when the next one's time comes. */
    due(now: number): number | null {
      let next: number | null = null;
      for (const jobClass of holding) {
        for (const { job, until } of jobClass.held.values()) {
          if (until <= now) enter(job);
          else next = Math.min(next ?? until, until);
        }
        if (jobClass.held.size === 0) holding.delete(jobClass);
      }
      return next;
    },

    /** Forgets a class that has no jobs left. True if it was the last of its project. */
    drop(jobClass: JobClass): boolean {
      jobClass.release();
      classes.delete(jobClass.key);
      const ofProject = byProject.get(jobClass.projectId);
      ofProject?.delete(jobClass);
      if (ofProject?.size !== 0) return false;
      byProject.delete(jobClass.projectId);
      return true;
    },

    /** A project's place in the tree is known now: other limits count for its jobs. */
    refit(projectId: string): void {
      for (const jobClass of byProject.get(projectId) ?? []) {
        jobClass.release();
        fit(jobClass);
        onChange(jobClass);
      }
    },
  };
}

export const isEmpty = ({ ready, held }: JobClass): boolean => ready.length === 0 && held.size === 0;

const classKey = ({ queueId, count, maxRuntimeSeconds, modelIn }: KnownJob): string =>
  `${queueId} ${count} ${maxRuntimeSeconds} ${modelIn.join(' ')}`;
