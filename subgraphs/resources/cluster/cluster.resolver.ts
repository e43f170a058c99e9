import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { seesFleet } from '../gpu/gpu.access.js';
import { toNode } from '../node/node.type.js';
import { Node } from '../node/node.type.js';
import { Cluster, toCluster } from './cluster.type.js';

export async function visibleCluster(id: string, { principal, loaders }: Context): Promise<Cluster | null> {
  if (!seesFleet(principal)) return null;
  const cluster = await loaders.cluster.load(id);
  return cluster && toCluster(cluster);
}

@Resolver(() => Cluster)
export class ClusterResolver {
  @Query(() => [Cluster], {
    description: 'The clusters of the fleet, by name; none if you may not see the fleet.',
  })
  async clusters(@Ctx() { principal, repositories }: Context): Promise<Cluster[]> {
    return seesFleet(principal) ? (await repositories.fleet.clusters()).map(toCluster) : [];
  }

  @Query(() => Cluster, {
    nullable: true,
    description: 'A cluster by its id; null if there is none that you may see.',
  })
  cluster(
    @Arg('id', () => ID, { description: 'Its id, for example `eu-1`.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Cluster | null> {
    return visibleCluster(id, context);
  }

  @FieldResolver(() => [Node], { description: 'Its nodes that are still there, by name.' })
  async nodes(@Root() { id }: Cluster, @Ctx() { loaders }: Context): Promise<Node[]> {
    return (await loaders.nodesOfCluster.load(id)).map(toNode);
  }

  @FieldResolver(() => [AvailableAction], { description: 'Nothing can be done with a cluster but watch it.' })
  availableActions(): AvailableAction[] {
    return [];
  }
}
