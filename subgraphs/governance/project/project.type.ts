import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { Auditable } from '../audit/auditable.type.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import { OwnedEntity } from '../entity.type.js';
import type { ProjectState } from './project.js';

export const ProjectStatus = { ACTIVE: 'ACTIVE' } as const;
registerEnumType(ProjectStatus, {
  name: 'ProjectStatus',
  description: 'Whether work may go on in a project.',
  valuesConfig: { ACTIVE: { description: 'Work may go on.' } },
});

@ObjectType({
  implements: Auditable,
  description:
    'Where people work together: its members, quotas and budgets reach down to the projects below it.',
})
@Directive('@key(fields: "id")')
export class Project extends OwnedEntity {
  @Field(() => String, { description: 'Its unique short name; also the name of its Kubernetes namespace.' })
  key!: string;

  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => ProjectStatus, { description: 'Whether work may go on in it.' })
  status!: keyof typeof ProjectStatus;

  @Field(() => Project, {
    nullable: true,
    description: 'The project above it; null at the top, and where you may not see it.',
  })
  parent?: Project | null;

  @Field(() => [String], { description: 'The rights that you hold in it, for example `instance:write`.' })
  viewerPermissions?: string[];

  parentId!: string | null;
}

export const ProjectConnection = connectionOf(Project, 'Project');

export const toProject = (entity: Existing<ProjectState>): Project => ({
  ...entityFields(entity),
  key: entity.state.key,
  name: entity.state.name,
  status: 'ACTIVE',
  parentId: entity.state.parentId,
});
