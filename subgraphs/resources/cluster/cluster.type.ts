import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import type { ClusterState } from './cluster.js';

export const ClusterConnectivity = { ONLINE: 'ONLINE', DEGRADED: 'DEGRADED', OFFLINE: 'OFFLINE' } as const;
registerEnumType(ClusterConnectivity, {
  name: 'ClusterConnectivity',
  description: 'Whether a cluster can be reached.',
  valuesConfig: {
    ONLINE: { description: 'It answers.' },
    DEGRADED: { description: 'It answers some of the time, or some of its parts are away.' },
    OFFLINE: { description: 'It does not answer, or never did; nothing new is placed on it.' },
  },
});

@ObjectType({ description: 'A Kubernetes cluster that Fleetgraph drives.' })
@Directive('@key(fields: "id")')
export class Cluster extends EntityType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'What runs it, for example `kubernetes`.' })
  provider!: string;

  @Field(() => String, { nullable: true, description: 'Where it is, if that was said.' })
  region!: string | null;

  @Field(() => String, { nullable: true, description: 'The Kubernetes version that it reported.' })
  kubernetesVersion!: string | null;

  @Field(() => ClusterConnectivity, { description: 'Whether it can be reached.' })
  connectivity!: keyof typeof ClusterConnectivity;

  @Field(() => String, { nullable: true, description: 'Why it is not online; null when it is.' })
  connectivityReason!: string | null;

  @Field(() => DateTime, { description: 'When its state was last seen to change.' })
  observedAt!: string;
}

export const toCluster = (entity: Existing<ClusterState>): Cluster => ({
  ...entityFields(entity),
  ...entity.state,
});
