import { IsOptional, Length, Matches } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { CreationInput } from '../../../platform/graphql/command.type.js';

const NAME = /^[a-z]([a-z0-9._-]{0,62}[a-z0-9])?$/;
/** So that nobody takes an alias for the number of a version. */
const NOT_A_NUMBER = /^(?!v?\d+$)/;
const NAME_RULE =
  'must be 1 to 64 lower-case letters, digits, dots, hyphens and underscores, begin with a letter and end with a letter or digit';

@InputType()
abstract class AliasCommandInput extends CreationInput {
  @Field(() => ID, { description: 'The model.' })
  @Length(1, 200)
  modelId!: string;

  @Field(() => String, {
    description:
      'The alias, for example `champion` or `production`: 1 to 64 lower-case letters, digits, dots, hyphens and underscores.',
  })
  @Matches(NOT_A_NUMBER, { message: 'must not look like the number of a version' })
  @Matches(NAME, { message: NAME_RULE })
  name!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'The version that you believe it to resolve to. If it resolves to another one, or to none, the command is refused with `CONFLICT`.',
  })
  @IsOptional()
  @Length(1, 200)
  expectedVersionId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version of the model that you decided on. If it has moved on, the command is refused with `CONFLICT`.',
  })
  expectedVersion?: number | null;
}

@InputType({ description: 'Let an alias resolve to a version of its model.' })
export class SetAliasInput extends AliasCommandInput {
  @Field(() => ID, { description: 'The version, one of the model.' })
  @Length(1, 200)
  versionId!: string;
}

@InputType({ description: 'Take an alias away.' })
export class RemoveAliasInput extends AliasCommandInput {}
