import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { Dataset, ModelPrecision } from '../../../contracts/models.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { BigIntScalar, DateTime } from '../../../platform/graphql/scalars.js';
import { ProjectStub } from '../project/project.type.js';
import { ModelArchitecture } from './architecture.type.js';
import { ModelDataset } from './dataset.type.js';
import { Precision } from './modelVersion.enums.js';
import type { ModelVersionState } from './modelVersion.js';
import { ModelVersionStatus } from './modelVersion.transitions.js';

@ObjectType({ description: 'One state of a model, as its files are. What it is never changes.' })
@Directive('@key(fields: "id")')
export class ModelVersion extends EntityType {
  @Field(() => Int, { description: '1, 2, 3 and so on in its model, without gaps.' })
  number!: number;

  @Field(() => ModelVersionStatus, { description: 'Where it is in its life.' })
  status!: ModelVersionStatus;

  @Field(() => DateTime, { description: 'When its status was last seen to be what it says.' })
  observedAt!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Why it is quarantined or deprecated, if that was said.',
  })
  reason!: string | null;

  @Field(() => String, { description: 'Where its files are.' })
  uri!: string;

  @Field(() => String, { description: 'What its files hash to.' })
  digest!: string;

  @Field(() => BigIntScalar, { description: 'How large its files are, in bytes.' })
  sizeBytes!: string;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'How many parameters it has, those of all experts together; null where nobody said.',
  })
  parameters!: string | null;

  @Field(() => Precision, {
    nullable: true,
    description: 'How its parameters are stored; null where nobody said.',
  })
  precision!: ModelPrecision | null;

  @Field(() => [ModelDataset], { description: 'What it was made from, as far as that was said.' })
  datasets!: Dataset[];

  @Field(() => String, {
    nullable: true,
    description: 'Under which licence it may be used; null where nobody said.',
  })
  licence!: string | null;

  @Field(() => ModelArchitecture, { nullable: true, description: 'How it is built; null where nobody said.' })
  architecture!: ModelArchitecture | null;

  @Field(() => ProjectStub, { description: 'The project that it belongs to.' })
  project!: ProjectStub;

  modelId!: string;
  producedByJobId!: string | null;
}

export const ModelVersionConnection = connectionOf(ModelVersion, 'ModelVersion');

/** From a row as well as from a fold: both always say the same. */
export function toModelVersion(entity: Existing<ModelVersionState>): ModelVersion {
  const { projectId, ...state } = entity.state;
  return { ...state, ...entityFields(entity), project: { id: projectId } };
}

@ObjectType({ description: 'The new version.' })
export class CreateModelVersionPayload extends CommandPayload {
  @Field(() => ModelVersion, { description: 'The version; in a dry run as it would be.' })
  modelVersion!: ModelVersion;
}

@ObjectType({ description: 'The version after the command.' })
export class ModelVersionPayload extends CommandPayload {
  @Field(() => ModelVersion, { description: 'The version; in a dry run as it would be.' })
  modelVersion!: ModelVersion;
}
