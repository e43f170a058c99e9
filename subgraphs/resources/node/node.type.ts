import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { type NodeState, takesPods } from './node.js';

@ObjectType({ description: 'A machine of a cluster, with its GPUs.' })
@Directive('@key(fields: "id")')
export class Node extends EntityType {
  @Field(() => String, { description: 'Its name in the cluster.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The zone that it stands in, if its labels say so.' })
  zone!: string | null;

  @Field(() => Int, { description: 'CPU that pods can have, in thousandths of a core.' })
  cpuMillis!: number;

  @Field(() => Int, { description: 'Memory that pods can have, in MiB.' })
  memoryMiB!: number;

  @Field(() => Boolean, { description: 'Whether the cluster says that it can run pods.' })
  ready!: boolean;

  @Field(() => Boolean, { description: 'Whether an operator keeps new pods away from it.' })
  cordoned!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it was cordoned, if that was said.' })
  cordonReason!: string | null;

  @Field(() => Boolean, { description: 'Whether the cluster does not list it any more.' })
  lost!: boolean;

  @Field(() => Boolean, { description: 'Whether devices of it may be given to somebody.' })
  schedulable!: boolean;

  @Field(() => DateTime, { description: 'When its state was last seen to change.' })
  observedAt!: string;

  clusterId!: string;
}

export function toNode(entity: Existing<NodeState>): Node {
  const { name, zone, cpuMillis, memoryMiB, ready, cordoned, cordonReason, lost, observedAt, clusterId } =
    entity.state;
  return {
    ...entityFields(entity),
    name,
    zone,
    cpuMillis,
    memoryMiB,
    ready,
    cordoned,
    cordonReason,
    lost,
    observedAt,
    clusterId,
    schedulable: takesPods(entity.state),
  };
}
