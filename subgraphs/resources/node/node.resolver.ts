import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { NodeEvent } from '../../../contracts/resources.events.js';
import { type Connection, connectionOf, paginate } from '../../../platform/graphql/connection.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { Cluster, toCluster } from '../cluster/cluster.type.js';
import type { Context } from '../context.js';
import { operatesFleet, seesFleet } from '../gpu/gpu.access.js';
import { Gpu } from '../gpu/gpu.type.js';
import { decideCordon, decideUncordon, type NodeState } from './node.js';
import { commandNode, type NodeTarget } from './node.commands.js';
import { CordonNodeInput, NodePayload, UncordonNodeInput } from './node.inputs.js';
import { nodeAggregate } from './node.projection.js';
import { Node, toNode } from './node.type.js';

const NodeConnection = connectionOf(Node, 'Node');

export async function visibleNode(id: string, { principal, loaders }: Context): Promise<Node | null> {
  if (!seesFleet(principal)) return null;
  const node = await loaders.node.load(id);
  return node && toNode(node);
}

@Resolver(() => Node)
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'A node by its id; null if there is none that you may see.',
  })
  async node(
    @Arg('id', () => ID, { description: 'Its id, for example `eu-1/h100-1`.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<Node | null> {
    const node = await visibleNode(id, context);
    if (!node || !asOf) return node;
    const { state, ...past } = await context.store.load(nodeAggregate, id, { until: asOf.toISOString() });
    return state && toNode({ ...past, state });
  }

  @Query(() => NodeConnection, { description: 'The nodes of the fleet by id, lost ones included.' })
  nodes(
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Where the page before ended.' })
    after: string | null,
    @Ctx() { principal, repositories }: Context,
  ): Promise<Connection<Node>> {
    const sees = seesFleet(principal);
    return paginate(
      { first, after },
      {
        read: async (page) => (sees ? repositories.fleet.nodePage(page) : []),
        key: ({ id }) => id,
        toNode,
        count: async () => (sees ? repositories.fleet.nodeCount() : 0),
      },
    );
  }

  @Mutation(() => NodePayload, {
    description: 'Keeps new pods away from a node; what runs there runs on. For operators.',
  })
  cordonNode(
    @Arg('input', () => CordonNodeInput, { description: 'The node.' }) input: CordonNodeInput,
    @Ctx() context: Context,
  ): Promise<NodePayload> {
    const decide = (node: NodeState) => decideCordon(input.id, node, input.reason ?? null);
    return change('cordonNode', input, decide, context);
  }

  @Mutation(() => NodePayload, { description: 'Lets pods go to a cordoned node again. For operators.' })
  uncordonNode(
    @Arg('input', () => UncordonNodeInput, { description: 'The node.' }) input: UncordonNodeInput,
    @Ctx() context: Context,
  ): Promise<NodePayload> {
    return change('uncordonNode', input, (node) => decideUncordon(input.id, node), context);
  }

  @FieldResolver(() => Cluster, { nullable: true, description: 'The cluster that it belongs to.' })
  async cluster(@Root() { clusterId }: Node, @Ctx() { loaders }: Context): Promise<Cluster | null> {
    const cluster = await loaders.cluster.load(clusterId);
    return cluster && toCluster(cluster);
  }

  @FieldResolver(() => [Gpu], { description: 'Its GPUs, by index.' })
  gpus(@Root() { id }: Node, @Ctx() { loaders }: Context): Promise<Gpu[]> {
    return loaders.gpusOfNode.load(id);
  }

  @FieldResolver(() => [AvailableAction], {
    description: 'The commands on it, and whether its state and your rights allow them now.',
  })
  availableActions(@Root() { cordoned }: Node, @Ctx() { principal }: Context): AvailableAction[] {
    return [
      action('cordonNode', cordoned ? 'It is cordoned already.' : null, 'CORDONED', operatesFleet(principal)),
      action('uncordonNode', cordoned ? null : 'It is not cordoned.', 'OPEN', operatesFleet(principal)),
    ];
  }
}

function action(name: string, obstacle: string | null, leadsTo: string, hasRight: boolean): AvailableAction {
  const reason = hasRight ? obstacle : 'You do not have the right fleet:operate.';
  return { action: name, allowed: reason === null, reason, resultingState: reason === null ? leadsTo : null };
}

async function change(
  name: string,
  input: NodeTarget & { idempotencyKey: string; dryRun: boolean },
  decide: (node: NodeState) => NodeEvent[],
  context: Context,
): Promise<NodePayload> {
  const command = commandRequest(context, name, input);
  const answer = noteWritten(context, await commandNode(context.commands, command, input, decide));
  const { id, preview } = answer.result;
  const node = preview ?? (await context.store.load(nodeAggregate, id));
  if (node.state === null) throw new Error(`Node ${id} was changed and is not there`);
  return { eventId: answer.eventId, version: answer.version, node: toNode({ ...node, state: node.state }) };
}
