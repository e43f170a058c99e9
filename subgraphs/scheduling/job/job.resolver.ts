import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { notFound } from '../../../platform/errors.js';
import type { Connection } from '../../../platform/graphql/connection.js';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { JobEta } from '../eta/eta.type.js';
import { Blocker } from '../pass/blocker.type.js';
import { visibleQueue } from '../queue/queue.resolver.js';
import { Queue } from '../queue/queue.type.js';
import { availableActions } from './availableActions.js';
import type { JobAnswer } from './job.commands.js';
import { jobsOf } from './job.connection.js';
import { JobCommandInput, JobFilter, SubmitJobInput } from './job.inputs.js';
import { readJobRequest } from './job.request.js';
import { standing } from './job.standing.js';
import { Job, JobConnection, toJob, toPreview } from './job.type.js';
import { JobPayload, SubmitJobPayload } from './jobPayload.type.js';
import { approvalOf } from './stubs.type.js';
import { visibleJob } from './visibleJob.js';

@Resolver(() => Job)
export class JobResolver {
  @Query(() => Job, {
    nullable: true,
    description: 'A job by its id; null if there is none that you may see.',
  })
  job(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return visibleJob(id, context, asOf);
  }

  @Query(() => JobConnection, {
    description: 'The jobs of a project, newest first; none if you may not see into it.',
  })
  jobs(
    @Arg('projectId', () => ID, { description: 'The project.' }) projectId: string,
    @Arg('filter', () => JobFilter, { nullable: true, description: 'Only those; left out, all.' })
    filter: JobFilter | null,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Where the page before ended.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Job>> {
    return jobsOf(projectId, filter ?? {}, { first, after }, context);
  }

  @Mutation(() => SubmitJobPayload, {
    description:
      'Submits a job. It waits in its queue for quota, budget and devices; one that can never run is refused with `UNSATISFIABLE`, one that plans otherwise than agreed with `PLAN_STALE`.',
  })
  async submitJob(
    @Arg('input', () => SubmitJobInput, { description: 'The job.' }) input: SubmitJobInput,
    @Ctx() context: Context,
  ): Promise<SubmitJobPayload> {
    const wish = readJobRequest(input.request, ['input', 'request']);
    const command = commandRequest(context, 'submitJob', input);
    const answer = await context.jobCommands.submit(command, { wish, planHash: input.planHash ?? null });
    const { eventId, version, job } = await payload(answer, context);
    return { eventId, version, job, approval: approvalOf(job.entity.state) };
  }

  @Mutation(() => JobPayload, {
    description: 'Ends a job: at once while it waits, otherwise as soon as its pods have gone.',
  })
  async cancelJob(
    @Arg('input', () => JobCommandInput, { description: 'The job.' }) input: JobCommandInput,
    @Ctx() context: Context,
  ): Promise<JobPayload> {
    const command = commandRequest(context, 'cancelJob', input);
    return payload(await context.jobCommands.cancel(command, input), context);
  }

  @FieldResolver(() => Queue, { nullable: true, description: 'The queue that it waits, or waited, in.' })
  queue(@Root() { queueId }: Job, @Ctx() context: Context): Promise<Queue | null> {
    return visibleQueue(queueId, context);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Its place in its queue: 1 is served next. Null unless it is queued.',
  })
  async queuePosition(@Root() job: Job, @Ctx() context: Context): Promise<number | null> {
    return (await standing(job, context)).queuePosition;
  }

  @FieldResolver(() => [Blocker], {
    description:
      'Everything that keeps it from starting now, the first to look at first; empty unless it waits.',
  })
  async blockers(@Root() job: Job, @Ctx() context: Context): Promise<Blocker[]> {
    return [...(await standing(job, context)).blockers];
  }

  @FieldResolver(() => JobEta, {
    nullable: true,
    description: 'When it is expected to get its devices; null unless it waits.',
  })
  async eta(@Root() job: Job, @Ctx() context: Context): Promise<JobEta | null> {
    return (await standing(job, context)).eta;
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { entity }: Job, @Ctx() { principal }: Context): AvailableAction[] {
    return availableActions(entity, principal);
  }
}

/** The answer to a command: the job right after it, or in a dry run as it would be. A repeat sees it as it is now. */
async function payload(answer: JobAnswer, context: Context): Promise<JobPayload> {
  noteWritten(context, answer);
  const { eventId, version, result } = answer;
  if (answer.job)
    return { eventId, version, job: eventId === null ? toPreview(answer.job) : toJob(answer.job) };
  const job = await visibleJob(result.id, context);
  // A repeat of a command, by somebody who may not see the job any more.
  if (!job) throw notFound('Job', result.id);
  return { eventId, version, job };
}
