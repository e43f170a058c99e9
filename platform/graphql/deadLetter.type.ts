import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { DeadLetterRow } from '../saga/deadLetterDesk.js';
import { CreationInput } from './command.type.js';
import { DateTime } from './scalars.js';

export const DeadLetterKind = { FAILED: 'FAILED', BEHIND: 'BEHIND' } as const;
registerEnumType(DeadLetterKind, {
  name: 'DeadLetterKind',
  description: 'Why an event is parked.',
  valuesConfig: {
    FAILED: { description: 'It could not be handled.' },
    BEHIND: { description: 'It waits for an earlier event of its stream.' },
  },
});

/** A value, the same in every subgraph that has process managers. */
@ObjectType({
  description:
    'An event that a process manager could not handle. It stops only its own stream, until somebody replays it.',
})
@Directive('@shareable')
export class DeadLetter {
  @Field(() => ID, { description: 'Id of the parked event, as this list knows it.' })
  id!: string;

  @Field(() => String, { description: 'The process manager that could not handle it.' })
  consumer!: string;

  @Field(() => String, { description: 'The part of Fleetgraph whose event it is.' })
  source!: string;

  @Field(() => ID, { description: 'The thing that the event is about.' })
  streamId!: string;

  @Field(() => ID, { description: 'The event, as the audit trail knows it.' })
  eventId!: string;

  @Field(() => String, { description: 'What kind of event it is, for example `AllocationClosed`.' })
  eventType!: string;

  @Field(() => DeadLetterKind, { description: 'Whether it failed, or waits behind one that did.' })
  kind!: keyof typeof DeadLetterKind;

  @Field(() => String, { description: 'What is in the way.' })
  reason!: string;

  @Field(() => Int, { description: 'How often it has been tried.' })
  attempts!: number;

  @Field(() => DateTime, { description: 'When it was parked.' })
  firstAt!: Date;

  @Field(() => DateTime, { description: 'When it was tried last.' })
  lastAt!: Date;
}

export const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
  ...row,
  kind: row.kind === 'FAILED' ? 'FAILED' : 'BEHIND',
});

@InputType({ description: 'Which parked events to handle again.' })
export class ReplayDeadLettersInput extends CreationInput {
  @Field(() => ID, { description: 'Any parked event of the stream: they are handled together, in order.' })
  id!: string;
}

@ObjectType({ description: 'What came of handling parked events again.' })
@Directive('@shareable')
export class ReplayDeadLettersPayload {
  @Field(() => Int, { description: 'How many went through; none in a dry run.' })
  handled!: number;

  @Field(() => [DeadLetter], {
    description: 'Those of the stream that are still parked. The first says what is in the way.',
  })
  remaining!: DeadLetter[];
}
