import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { ProjectStub } from '../project/project.type.js';
import { Queue } from '../queue/queue.type.js';
import type { JobState } from './job.js';
import { JobPhase } from './job.transitions.js';

registerEnumType(JobPhase, {
  name: 'JobPhase',
  description: 'How far a job has come.',
  valuesConfig: {
    SUBMITTED: { description: 'It was accepted and is being looked at.' },
    AWAITING_APPROVAL: { description: 'Somebody has to approve it first. Nothing is reserved.' },
    QUEUED: { description: 'It waits: `blockers` says for what.' },
    RESERVED: { description: 'Money is reserved for it, and its devices are being chosen.' },
    STARTING: { description: 'It has its devices; its pods are being started.' },
    RUNNING: { description: 'All its pods run.' },
    COMPLETING: { description: 'Its work is over, or was told to end; its devices are being given back.' },
    SUCCEEDED: { description: 'It ended well.' },
    FAILED: { description: 'It ended with a failure; `endReason` says which.' },
    TIMED_OUT: { description: 'It ran longer than it may.' },
    CANCELLED: { description: 'Somebody cancelled it.' },
    EXPIRED: { description: 'It waited longer than a job may wait.' },
    UNSATISFIABLE: { description: 'It can never run as it was asked for.' },
  },
});

@ObjectType({ description: 'Work that waits for devices, uses them, and ends.' })
@Directive('@key(fields: "id")')
export class Job extends EntityType {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => JobPhase, { description: 'How far it has come.' })
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
