import { Directive, Field, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { ProjectStub } from '../project/project.type.js';
import type { QueueState } from './queue.js';

@ObjectType({ description: 'Where a project’s jobs wait for devices.' })
@Directive('@key(fields: "id")')
export class Queue extends EntityType {
  @Field(() => String, {
    description: 'Its name, unique in its project. Every project has the queue `default`.',
  })
  name!: string;

  @Field(() => ProjectStub, { description: 'The project whose jobs wait here.' })
  project!: ProjectStub;
}

export const toQueue = (entity: Existing<QueueState>): Queue => ({
  ...entityFields(entity),
  name: entity.state.name,
  project: { id: entity.state.projectId },
});
