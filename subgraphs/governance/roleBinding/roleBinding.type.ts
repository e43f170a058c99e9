import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Auditable } from '../audit/auditable.type.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import { OwnedEntity } from '../entity.type.js';
import { Project } from '../project/project.type.js';
import { User } from '../user/user.type.js';
import { type RoleBindingState, subjectId } from './roleBinding.js';

@ObjectType({
  implements: Auditable,
  description: 'A role given to somebody, in the whole organisation or in a project and all below it.',
})
@Directive('@key(fields: "id")')
export class RoleBinding extends OwnedEntity {
  @Field(() => String, { description: 'The name of the role, for example `Researcher`.' })
  role!: string;

  @Field(() => ID, { description: 'Who has it.' })
  subjectId!: string;

  @Field(() => User, { nullable: true, description: 'The person who has it; null if no person does.' })
  user?: User | null;

  @Field(() => Project, {
    nullable: true,
    description: 'Where it holds; null if in the whole organisation.',
  })
  project?: Project | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ends by itself; null if never.' })
  expiresAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked; null if it was not.' })
  revokedAt!: string | null;

  projectId!: string | null;
}

export const RoleBindingConnection = connectionOf(RoleBinding, 'RoleBinding');

export const toRoleBinding = (entity: Existing<RoleBindingState>): RoleBinding => {
  const { role, subject, projectId, expiresAt, revokedAt } = entity.state;
  return { ...entityFields(entity), role, subjectId: subjectId(subject), projectId, expiresAt, revokedAt };
};
