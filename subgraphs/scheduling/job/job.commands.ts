import { monotonicFactory, ulid } from 'ulid';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { CommandAnswer, CommandRequest, Commands } from '../../../platform/command/commands.js';
import { createSingleFlight } from '../../../platform/command/singleFlight.js';
import type { Unit } from '../../../platform/command/unit.js';
import { conflict, planStale } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { checkMayCommand, checkMaySubmit } from './job.access.js';
import { decideCancel, decideSubmit } from './job.decide.js';
import type { JobState } from './job.js';
import { approvalAsk, checkSatisfiable, type PlanJob } from './job.planner.js';
import { jobAggregate } from './job.projection.js';
import type { JobWish } from './job.request.js';
import { saveJob, saveNewJob } from './job.save.js';

type Job = Existing<JobState>;

/** `job` is as the command left it, or in a dry run as it would have left it; null for a repeat. */
export type JobAnswer = CommandAnswer<{ id: string }> & { job: Job | null };

export type JobCommands = ReturnType<typeof createJobCommands>;

/** What people do with jobs. Every refusal is a PublicError, and leaves nothing behind. */
export function createJobCommands({ commands, planJob }: { commands: Commands; planJob: PlanJob }) {
  const fly = createSingleFlight();
  const nextId = monotonicFactory();

  async function execute(command: CommandRequest, work: (unit: Unit) => Promise<Job>): Promise<JobAnswer> {
    const decided: Job[] = [];
    const answer = await commands.execute(command, async (unit) => {
      const job = await work(unit);
      decided.push(job);
      return { id: job.id };
    });
    // What was decided and then rolled back, because another process had the same command, is not the answer.
    const isAnswer = ({ id, version }: Job) =>
      id === answer.result.id && (answer.version === null || version === answer.version);
    return { ...answer, job: decided.findLast(isAnswer) ?? null };
  }

  return {
    /** In this order: PLAN_STALE, UNSATISFIABLE. What can run at some time is taken, and waits. */
    submit: (
      command: CommandRequest,
      { wish, planHash }: { wish: JobWish; planHash: string | null },
    ): Promise<JobAnswer> =>
      fly(command, async () => {
        const first = await commands.recall<{ id: string }>(command);
        if (first) return { ...first, job: null };
        checkMaySubmit(command.principal, wish.projectId);
        const assessment = await planJob(wish);
        const { plan, request } = assessment;
        if (planHash !== null && planHash !== plan.planHash) throw planStale(plan);
        checkSatisfiable(assessment);
        const target = { jobId: `job_${nextId()}`, approvalId: `approval_${ulid()}`, name: request.name };
        return execute(command, async (unit) => {
          const ask = approvalAsk(assessment, target, unit.now);
          const born = { id: target.jobId, ...request, planHash: plan.planHash };
          return saveNewJob(unit, born, decideSubmit(born, ask, unit.now));
        });
      }),

    cancel: (
      command: CommandRequest,
      target: { id: string; expectedVersion?: number | null },
    ): Promise<JobAnswer> => change(command, target, decideCancel),
  };

  /** A command that needs nothing but the job's own state. Refused in the order missing, forbidden, moved on. */
  function change(
    command: CommandRequest,
    { id, expectedVersion }: { id: string; expectedVersion?: number | null },
    decide: (job: Job, now: Date) => JobEvent[],
  ): Promise<JobAnswer> {
    return execute(command, async (unit) => {
      const job = checkMayCommand(command.principal, await unit.load(jobAggregate, id));
      if (expectedVersion != null && job.version !== expectedVersion)
        throw conflict(id, expectedVersion, job.version);
      return saveJob(unit, job, decide(job, unit.now));
    });
  }
}
