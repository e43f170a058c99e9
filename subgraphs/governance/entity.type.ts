import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Existing } from '../../platform/eventStore/aggregate.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { NamedActor } from './actor/actor.type.js';

/** What everything has that governance owns. */
@ObjectType()
export abstract class OwnedEntity {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => Int, { description: 'Grows by one with every change; pass it as `expectedVersion`.' })
  version!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: string;

  @Field(() => NamedActor, { description: 'Who created it.' })
  createdBy!: NamedActor;

  @Field(() => DateTime, { description: 'When it changed last.' })
  updatedAt!: string;
}

export const entityFields = <State>({ id, version, createdAt, createdBy, updatedAt }: Existing<State>) => ({
  id,
  version,
  createdAt,
  createdBy,
  updatedAt,
});
