import { Directive, Field, ObjectType } from 'type-graphql';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { Cursor, DateTime } from '../../../platform/graphql/scalars.js';
import { ApprovalRequestStub } from './approval.type.js';
import { Instance } from './instance.type.js';

@ObjectType({ description: 'The instance that was asked for.' })
export class RequestInstancePayload extends CommandPayload {
  @Field(() => Instance, { description: 'The instance.' })
  instance!: Instance;

  @Field(() => ApprovalRequestStub, {
    nullable: true,
    description: 'The approval that it waits for; null where no rule asks for one.',
  })
  @Directive('@provides(fields: "status")')
  approval!: ApprovalRequestStub | null;
}

@ObjectType({ description: 'The instance after the command.' })
export class InstancePayload extends CommandPayload {
  @Field(() => Instance, { description: 'The instance.' })
  instance!: Instance;
}

@ObjectType({ description: 'One thing that happened to an instance.' })
export class InstanceFeedItem {
  @Field(() => Cursor, { description: 'Pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => String, {
    description:
      'What happened, by the name of the event, for example `InstanceRunning`; `SNAPSHOT` for how things stood.',
  })
  type!: string;

  @Field(() => DateTime, { description: 'When it happened; of a snapshot, when the instance changed last.' })
  at!: string;

  @Field(() => Instance, { description: 'The instance right after it.' })
  instance!: Instance;
}
