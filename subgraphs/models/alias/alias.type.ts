import { Field, ObjectType } from 'type-graphql';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Actor } from '../../../platform/graphql/values.type.js';
import { RegisteredModel } from '../registeredModel/registeredModel.type.js';
import type { AliasState } from '../registeredModel/registeredModel.js';
import { isProtected } from './alias.js';
import type { AliasChangeRow } from './alias.repository.js';

@ObjectType({ description: 'A name that resolves to exactly one version of its model, and can be moved.' })
export class Alias {
  @Field(() => String, { description: 'The name, unique in its model.' })
  name!: string;

  @Field(() => Boolean, {
    description: 'Whether only those may move it who may write protected aliases (`production` is one).',
  })
  protected!: boolean;

  @Field(() => DateTime, { description: 'Since when it resolves to its version.' })
  setAt!: string;

  modelId!: string;
  versionId!: string;
}

export const toAlias = (modelId: string, { name, versionId, setAt }: AliasState): Alias => ({
  name,
  protected: isProtected(name),
  setAt,
  modelId,
  versionId,
});

@ObjectType({ description: 'One move of an alias.' })
export class AliasChange {
  @Field(() => DateTime, { description: 'When it was moved.' })
  at!: Date;

  @Field(() => Actor, { description: 'Who moved it.' })
  by!: Actor;

  versionId!: string | null;
  previousVersionId!: string | null;
}

export const toAliasChange = ({ at, actor, versionId, previousVersionId }: AliasChangeRow): AliasChange => ({
  at,
  by: actor as unknown as Actor,
  versionId,
  previousVersionId,
});

@ObjectType({ description: 'The alias after the command.' })
export class SetAliasPayload extends CommandPayload {
  @Field(() => Alias, { description: 'The alias; in a dry run as it would be.' })
  alias!: Alias;
}

@ObjectType({ description: 'The model without the alias.' })
export class RemoveAliasPayload extends CommandPayload {
  @Field(() => RegisteredModel, { description: 'The model; in a dry run as it would be.' })
  model!: RegisteredModel;
}
