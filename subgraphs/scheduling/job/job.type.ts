import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { ProjectStub } from '../project/project.type.js';
import { Queue } from '../queue/queue.type.js';
import type { JobPhase, JobState } from './job.js';

const PHASES: Readonly<Record<JobPhase, string>> = {
  SUBMITTED: 'It was accepted and is being looked at.',
  AWAITING_APPROVAL: 'Somebody has to approve it first.',
  SCHEDULED: 'It begins at a set time.',
  BLOCKED: 'It waits for other jobs.',
  QUEUED: 'It waits for devices.',
  RESERVED: 'Devices and money are reserved for it.',
  STARTING: 'Its pods are being started.',
  RUNNING: 'It runs.',
  SUSPENDED: 'It was halted and can go on.',
  PREEMPTING: 'It was told to make room and is being stopped.',
  COMPLETING: 'Its work is over and its devices are being given back.',
  SUCCEEDED: 'It ended well.',
  FAILED: 'It ended with a failure.',
  TIMED_OUT: 'It ran longer than it may.',
  CANCELLED: 'Somebody cancelled it.',
  PREEMPTED: 'It made room for another job and is not tried again.',
  EXPIRED: 'It waited longer than it may.',
  UNSATISFIABLE: 'It can never run as it was asked for.',
  REJECTED: 'It was not approved.',
};

const JobPhaseName = Object.fromEntries(Object.keys(PHASES).map((phase) => [phase, phase])) as {
  [Phase in JobPhase]: Phase;
};
registerEnumType(JobPhaseName, {
  name: 'JobPhase',
  description: 'How far a job has come.',
  valuesConfig: Object.fromEntries(
    Object.entries(PHASES).map(([phase, description]) => [phase, { description }]),
  ),
});

@ObjectType({ description: 'Work that waits for devices, uses them, and ends.' })
@Directive('@key(fields: "id")')
export class Job extends EntityType {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => JobPhaseName, { description: 'How far it has come.' })
  phase!: JobPhase;

  @Field(() => ProjectStub, { description: 'The project that it works for.' })
  project!: ProjectStub;

  @Field(() => Queue, { nullable: true, description: 'The queue that it waits, or waited, in.' })
  queue?: Queue | null;

  queueId!: string;
}

export const JobConnection = connectionOf(Job, 'Job');

export const toJob = (entity: Existing<JobState>): Job => {
  const { name, phase, projectId, queueId } = entity.state;
  return { ...entityFields(entity), name, phase, queueId, project: { id: projectId } };
};
