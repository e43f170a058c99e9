import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ArrayMaxSize, MaxLength } from 'class-validator';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { BigIntScalar, Cursor, DateTime, Json } from '../../../platform/graphql/scalars.js';
import { NamedActor } from '../actor/actor.type.js';

@ObjectType({ description: 'The thing that an event changed.' })
export class AuditSubject {
  @Field(() => String, { description: 'The kind of thing, for example `Instance`.' })
  type!: string;

  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => Int, { description: 'Its version after the event: 1 is its creation.' })
  version!: number;
}

@ObjectType({
  description: 'One change of anything in Fleetgraph: what, by whom, and as a consequence of what.',
})
@Directive('@key(fields: "id")')
export class AuditEvent {
  @Field(() => ID, { description: 'The id of the event; mutations answer it as `eventId`.' })
  id!: string;

  @Field(() => BigIntScalar, {
    description: 'Its place in the one trail over all parts: 1, 2, 3 … without a gap, in order of arrival.',
  })
  sequence!: bigint;

  @Field(() => DateTime, { description: "When it was decided, by the database's clock." })
  at!: Date;

  @Field(() => String, { description: 'What happened, for example `InstanceRequested`.' })
  type!: string;

  @Field(() => String, { description: 'The part of Fleetgraph that recorded it, for example `resources`.' })
  subgraph!: string;

  @Field(() => NamedActor, { description: 'Who did it.' })
  actor!: NamedActor;

  @Field(() => NamedActor, {
    nullable: true,
    description: 'The person for whom the actor acted; null when it acted for itself.',
  })
  onBehalfOf!: NamedActor | null;

  @Field(() => AuditSubject, { description: 'What it changed.' })
  subject!: AuditSubject;

  @Field(() => ID, { nullable: true, description: 'The project that it belongs to; null outside projects.' })
  projectId!: string | null;

  @Field(() => String, { description: 'The request in which it happened.' })
  requestId!: string;

  @Field(() => String, { description: 'The same for everything that one request set off, in all parts.' })
  correlationId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The event that led to this one; null when a request did.',
  })
  causationId!: string | null;

  @Field(() => Json, { description: 'What the event says. Ids only: names of people never stand here.' })
  payload!: object;
}

@ObjectType({ description: 'An event of the trail, as it came in.' })
export class AuditStreamItem {
  @Field(() => Cursor, { description: 'Pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => AuditEvent, { description: 'The event.' })
  event!: AuditEvent;
}

export const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');

@InputType({ description: 'Which events of the trail. All given conditions must hold.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'Events of this project alone, not of those below it.' })
  projectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'What this actor did, or what was done on its behalf.' })
  actorId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'What happened to this thing, and to what serves it (the allocations of an instance).',
  })
  subjectId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Events of these types, 100 at most.' })
  @ArrayMaxSize(100)
  @MaxLength(200, { each: true })
  typeIn?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Events that this part of Fleetgraph recorded.' })
  subgraph?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Not before this instant.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this instant.' })
  to?: Date | null;
}
