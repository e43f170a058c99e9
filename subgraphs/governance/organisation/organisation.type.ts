import { Directive, Field, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { Auditable } from '../audit/auditable.type.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import { OwnedEntity } from '../entity.type.js';
import type { OrganisationState } from './organisation.js';

@ObjectType({ implements: Auditable, description: 'The company whose fleet this is. There is one.' })
@Directive('@key(fields: "id")')
export class Organisation extends OwnedEntity {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
}

export const toOrganisation = (entity: Existing<OrganisationState>): Organisation => ({
  ...entityFields(entity),
  name: entity.state.name,
});
