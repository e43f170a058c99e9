import { Directive, Field, ObjectType } from 'type-graphql';
import { Actor } from '../../../platform/graphql/values.type.js';

/** The shared type with what governance adds. A class of its own, so that no other subgraph's schema gets the name. */
@ObjectType('Actor', {
  description: 'Who did something: a user, a service account, an API key or a named part of the system.',
})
@Directive('@key(fields: "id")')
export class NamedActor extends Actor {
  @Field(() => String, {
    nullable: true,
    description:
      "A person's name as the issuer gives it, or the name of the part of the system; the id where there is none.",
  })
  displayName?: string;
}
