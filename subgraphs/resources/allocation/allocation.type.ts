import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { OccupantKind } from '../gpu/gpu.type.js';
import type { AllocationState } from './allocation.js';

@ObjectType({ description: 'One GPU that somebody has, or had. What is paid for, and what quotas count.' })
@Directive('@key(fields: "id")')
export class Allocation extends EntityType {
  @Field(() => OccupantKind, { description: 'What kind of thing has it.' })
  ownerKind!: keyof typeof OccupantKind;

  @Field(() => ID, { description: 'The id of what has it.' })
  ownerId!: string;

  @Field(() => Int, { description: 'How much of the device: 10,000 is the whole.' })
  basisPoints!: number;

  @Field(() => DateTime, { description: 'From when on.' })
  from!: string;

  @Field(() => DateTime, { nullable: true, description: 'Until when; null as long as it has it.' })
  to!: string | null;

  gpuId!: string;
  gpuModelId!: string;
}

export function toAllocation(entity: Existing<AllocationState>): Allocation {
  const { owner, basisPoints, from, to, gpuId, gpuModelId } = entity.state;
  return {
    ...entityFields(entity),
    ownerKind: owner.kind,
    ownerId: owner.id,
    basisPoints,
    from,
    to,
    gpuId,
    gpuModelId,
  };
}
