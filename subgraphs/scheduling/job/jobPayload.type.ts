import { Directive, Field, ObjectType } from 'type-graphql';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { Cursor, DateTime } from '../../../platform/graphql/scalars.js';
import { Job } from './job.type.js';
import { ApprovalRequestStub } from './stubs.type.js';

@ObjectType({ description: 'The job after the command.' })
export class JobPayload extends CommandPayload {
  @Field(() => Job, { description: 'The job.' })
  job!: Job;
}

@ObjectType({ description: 'The job that was submitted.' })
export class SubmitJobPayload extends JobPayload {
  @Field(() => ApprovalRequestStub, {
    nullable: true,
    description: 'The approval that it waits for; null where no rule asks for one.',
  })
  @Directive('@provides(fields: "status")')
  approval!: ApprovalRequestStub | null;
}

@ObjectType({ description: 'One thing that happened to a job.' })
export class JobFeedItem {
  @Field(() => Cursor, { description: 'Pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => String, {
    description:
      'What happened, by the name of the event, for example `JobRunning`; `SNAPSHOT` for how things stood.',
  })
  type!: string;

  @Field(() => DateTime, { description: 'When it happened; of a snapshot, when the job changed last.' })
  at!: string;

  @Field(() => Job, { description: 'The job right after it.' })
  job!: Job;
}
