import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Existing } from '../eventStore/aggregate.js';
import { DateTime } from './scalars.js';
import { Actor } from './values.type.js';

/** What every thing has that commands change, but for its creator, whom each subgraph knows in its own way. */
@ObjectType()
export abstract class ChangingType {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => Int, { description: 'Grows by one with every change; pass it as `expectedVersion`.' })
  version!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: string;

  @Field(() => DateTime, { description: 'When it changed last.' })
  updatedAt!: string;
}

/** The same for a subgraph that knows actors by id and kind alone. */
@ObjectType()
export abstract class EntityType extends ChangingType {
  @Field(() => Actor, { description: 'Who created it.' })
  createdBy!: Actor;
}

/** The options of every `availableActions` field: `@FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)`. */
export const AVAILABLE_ACTIONS = {
  nullable: true,
  description: 'The commands on it, and whether its state and your rights allow them now.',
} as const;

export const entityFields = <State>({ id, version, createdAt, createdBy, updatedAt }: Existing<State>) => ({
  id,
  version,
  createdAt,
  createdBy,
  updatedAt,
});
