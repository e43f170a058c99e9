import { Field, ObjectType } from 'type-graphql';
import { ChangingType } from '../../platform/graphql/entity.type.js';
import { NamedActor } from './actor/actor.type.js';

/** What everything has that governance owns, which knows actors by name. */
@ObjectType()
export abstract class OwnedEntity extends ChangingType {
  @Field(() => NamedActor, { description: 'Who created it.' })
  createdBy!: NamedActor;
}
