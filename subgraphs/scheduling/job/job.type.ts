import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { JobEndReason } from '../../../contracts/scheduling.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { writeDuration } from '../../../platform/graphql/duration.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { KeyValue, SecretRef } from '../../../platform/graphql/pod.type.js';
import { DateTime, Duration } from '../../../platform/graphql/scalars.js';
import { Label } from '../../../platform/graphql/values.type.js';
import { ProjectStub } from '../project/project.type.js';
import { JobEndReasonName, payerOf } from './job.enums.js';
import type { JobAttempt as JobAttemptState, JobState } from './job.js';
import { JobPhase } from './job.transitions.js';
import { GpuRequest, JobAttempt } from './jobParts.type.js';

/** Plain lists hold the newest so many. */
const ATTEMPTS_SHOWN = 100;

@ObjectType({ description: 'Work that waits for devices, uses them, and ends.' })
@Directive('@key(fields: "id")')
export class Job extends EntityType {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => JobPhase, { description: 'How far it has come.' })
  phase!: JobPhase;

  @Field(() => DateTime, { description: 'When its phase was last seen to be what it says.' })
  observedAt!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the present phase must have ended; null once it has ended.',
  })
  deadline!: string | null;

  @Field(() => ProjectStub, { description: 'The project that it works for.' })
  project!: ProjectStub;

  @Field(() => String, { description: 'The container image that its pods run.' })
  image!: string;

  @Field(() => [String], { description: 'What each of its pods runs; empty: what the image says.' })
  command!: string[];

  @Field(() => GpuRequest, { description: 'The GPUs that were asked for, over as many nodes as it takes.' })
  gpu!: GpuRequest;

  @Field(() => Duration, { description: 'How long it may run.' })
  maxRuntime!: string;

  @Field(() => Int, { description: 'In its queue the higher is served first.' })
  priority!: number;

  @Field(() => [KeyValue], {
    description: 'Its environment variables, without those that come from secrets.',
  })
  env!: KeyValue[];

  @Field(() => [SecretRef], { description: 'What it reads from secrets; never their values.' })
  secretRefs!: SecretRef[];

  @Field(() => [Label], { description: 'Labels that its owner chose.' })
  labels!: Label[];

  @Field(() => [KeyValue], { description: 'Annotations that are copied to its pods.' })
  annotations!: KeyValue[];

  @Field(() => String, { description: 'The hash of the plan by which it was accepted.' })
  planHash!: string;

  @Field(() => [JobAttempt], {
    description: 'Every try at running it, oldest first, the newest 100. At most the last has not ended.',
  })
  attempts!: JobAttempt[];

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when it waits for devices; null unless it is queued.',
  })
  queuedAt!: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'It is not tried again before; null where it may be at once.',
  })
  notBefore!: string | null;

  @Field(() => JobEndReasonName, { nullable: true, description: 'Why it ended; null as long as it has not.' })
  endReason!: JobEndReason | null;

  @Field(() => String, {
    nullable: true,
    description: 'More about its end, or about the end of its newest attempt.',
  })
  message!: string | null;

  queueId!: string;
  entity!: Existing<JobState>;
  /** Of a dry run: there is no such job. */
  isPreview!: boolean;
}

export const JobConnection = connectionOf(Job, 'Job');

/** From a row as well as from a fold: both always say the same. */
export function toJob(entity: Existing<JobState>): Job {
  const { state } = entity;
  const { name, phase, observedAt, deadline, priority, planHash, queuedAt, notBefore } = state;
  return {
    ...entityFields(entity),
    name,
    phase,
    observedAt,
    deadline,
    project: { id: state.projectId },
    ...state.spec,
    maxRuntime: writeDuration(state.maxRuntimeSeconds),
    priority,
    planHash,
    attempts: state.attempts.slice(-ATTEMPTS_SHOWN).map(toAttempt),
    queuedAt,
    notBefore,
    endReason: state.endReason,
    message: state.message,
    queueId: state.queueId,
    entity,
    isPreview: false,
  };
}

/** What a dry run would make. */
export const toPreview = (entity: Existing<JobState>): Job =>
  Object.assign(toJob(entity), { isPreview: true });

const toAttempt = (attempt: JobAttemptState): JobAttempt => ({
  ...attempt,
  gpuModel: { id: attempt.gpuModelId },
  allocations: attempt.allocationIds.map((id) => ({ id })),
  payer: attempt.reason && payerOf(attempt.reason),
});
