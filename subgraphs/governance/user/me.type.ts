import { Field, ID, ObjectType } from 'type-graphql';
import { ActorKind } from '../../../platform/graphql/values.type.js';

@ObjectType({ description: 'You: who the request comes from, and what you may do.' })
export class Me {
  @Field(() => ID, { description: 'Your id, as it stands in the audit trail.' })
  id!: string;

  @Field(() => ActorKind, { description: 'What kind of actor you are.' })
  kind!: keyof typeof ActorKind;

  @Field(() => String, { description: 'Your name as the issuer gives it.' })
  displayName!: string;

  @Field(() => [String], {
    description:
      'Every right that you hold, in the organisation or in some project; `Project.viewerPermissions` says where.',
  })
  permissions!: string[];
}
