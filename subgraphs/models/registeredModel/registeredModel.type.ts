import { Directive, Field, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { ProjectStub } from '../project/project.type.js';
import type { AliasState, RegisteredModelState } from './registeredModel.js';

@ObjectType({ description: 'A machine-learning model of a project, under whose name its versions are kept.' })
@Directive('@key(fields: "id")')
export class RegisteredModel extends EntityType {
  @Field(() => String, { description: 'Its name, unique in its project.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What it does, in the words of whoever registered it.',
  })
  task!: string | null;

  @Field(() => ProjectStub, { description: 'The project that it belongs to.' })
  project!: ProjectStub;

  /** As they stood when the rest did. */
  aliasStates!: readonly AliasState[];
}

export const RegisteredModelConnection = connectionOf(RegisteredModel, 'RegisteredModel');

export const toRegisteredModel = (entity: Existing<RegisteredModelState>): RegisteredModel => ({
  ...entityFields(entity),
  name: entity.state.name,
  task: entity.state.task,
  project: { id: entity.state.projectId },
  aliasStates: entity.state.aliases,
});

@ObjectType({ description: 'The new model.' })
export class RegisterModelPayload extends CommandPayload {
  @Field(() => RegisteredModel, { description: 'The model; in a dry run as it would be.' })
  model!: RegisteredModel;
}
