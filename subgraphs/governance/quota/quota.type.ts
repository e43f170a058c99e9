import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { Auditable } from '../audit/auditable.type.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import { OwnedEntity } from '../entity.type.js';
import { Project } from '../project/project.type.js';
import { GpuModelStub } from './gpuModel.type.js';
import type { QuotaState } from './quota.js';

@ObjectType({
  implements: Auditable,
  description:
    'How many GPUs of one model a project, with all below it, may have at one time. No quota means none.',
})
@Directive('@key(fields: "id")')
export class Quota extends OwnedEntity {
  @Field(() => Project, { nullable: true, description: 'Whose quota it is.' })
  project?: Project | null;

  @Field(() => GpuModelStub, { description: 'The GPU model that it counts.' })
  gpuModel!: GpuModelStub;

  @Field(() => Int, { description: 'GPUs at one time.' })
  nominal!: number;

  projectId!: string;
}

export const toQuota = (entity: Existing<QuotaState>): Quota => ({
  ...entityFields(entity),
  projectId: entity.state.projectId,
  gpuModel: { id: entity.state.gpuModelId },
  nominal: entity.state.nominal,
});
