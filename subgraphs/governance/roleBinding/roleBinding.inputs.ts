import { ValidateNested } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { CommandInput, CommandPayload, CreationInput } from '../../../platform/graphql/command.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { RoleBinding } from './roleBinding.type.js';

@InputType({ description: 'Who gets a role: exactly one of the three.' })
export class RoleSubjectInput {
  @Field(() => ID, { nullable: true, description: 'A person.' })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A team.' })
  teamId?: string | null;

  @Field(() => ID, { nullable: true, description: 'An API key.' })
  apiKeyId?: string | null;
}

@InputType({ description: 'A role to give to somebody.' })
export class BindRoleInput extends CreationInput {
  @Field(() => RoleSubjectInput, { description: 'Who gets it.' })
  @ValidateNested()
  subject!: RoleSubjectInput;

  @Field(() => String, { description: 'The name of the role; `roles` lists them.' })
  role!: string;

  @Field(() => ID, { nullable: true, description: 'Where it holds; none for the whole organisation.' })
  projectId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ends by itself; none for never.' })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'The role that was given.' })
export class BindRolePayload extends CommandPayload {
  @Field(() => RoleBinding, { description: 'The binding, as it is right after the command.' })
  roleBinding!: RoleBinding;
}

@InputType({ description: 'A role to take back: `id` is the binding.' })
export class RevokeRoleInput extends CommandInput {}

@ObjectType({ description: 'The role that was taken back.' })
export class RevokeRolePayload extends CommandPayload {
  @Field(() => RoleBinding, { description: 'The binding, as it is right after the command.' })
  roleBinding!: RoleBinding;
}
