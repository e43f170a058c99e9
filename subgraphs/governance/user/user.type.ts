import { Directive, Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { Auditable } from '../audit/auditable.type.js';
import { OwnedEntity } from '../entity.type.js';

@ObjectType({
  implements: Auditable,
  description: 'A person whom the issuer vouches for, known from their first request on.',
})
@Directive('@key(fields: "id")')
export class User extends OwnedEntity {
  @Field(() => String, {
    description: 'The name as the issuer gives it; the id once the personal data was erased.',
  })
  displayName?: string;

  @Field(() => String, {
    nullable: true,
    description: "The issuer's `preferred_username`; null once the personal data was erased.",
  })
  username?: string | null;

  @Field(() => String, { nullable: true, description: 'The address, if the issuer gave one.' })
  email?: string | null;
}

export const UserConnection = connectionOf(User, 'User');
