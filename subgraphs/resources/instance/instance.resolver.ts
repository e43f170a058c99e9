import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { CommandAnswer } from '../../../platform/command/commands.js';
import { notFound } from '../../../platform/errors.js';
import { type Connection, type PageArgs, paginate } from '../../../platform/graphql/connection.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { Allocation, toAllocation } from '../allocation/allocation.type.js';
import type { Context } from '../context.js';
import { approvalOf } from './approval.type.js';
import { gpuModel } from '../gpuModel/gpuModel.resolver.js';
import { GpuModel } from '../gpuModel/gpuModel.type.js';
import { visibleNode } from '../node/node.resolver.js';
import { Node } from '../node/node.type.js';
import { availableActions } from './availableActions.js';
import { seesContents } from './instance.access.js';
import type { InstanceResult } from './instance.commands.js';
import { InstanceConnection, instancesOf } from './instance.connection.js';
import { InstanceCommandInput, RequestInstanceInput } from './instance.inputs.js';
import { readInstanceRequest } from './instance.request.js';
import { InstancePayload, RequestInstancePayload } from './instancePayload.type.js';
import { Instance, toInstance } from './instance.type.js';
import { visibleInstance } from './visibleInstance.js';

@Resolver(() => Instance)
export class InstanceResolver {
  @Query(() => Instance, {
    nullable: true,
    description: 'An instance by its id; null if there is none that you may see.',
  })
  instance(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<Instance | null> {
    return visibleInstance(id, context, asOf);
  }

  @Query(() => InstanceConnection, {
    description: 'The instances of a project, newest first; none if you may not see into it.',
  })
  instances(
    @Arg('projectId', () => ID, { description: 'The project.' }) projectId: string,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Where the page before ended.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Instance>> {
    const sees = seesContents(context.principal, projectId);
    return sees ? instancesOf(projectId, { first, after }, context) : noInstances({ first, after });
  }

  @Mutation(() => RequestInstancePayload, {
    description:
      'Asks for an instance, which gets its devices at once or is refused: `PLAN_STALE`, `QUOTA_EXCEEDED`, `BUDGET_EXCEEDED`, `UNSATISFIABLE` or `CAPACITY_EXHAUSTED`. Where the policy wants an approval, it waits for that and holds nothing.',
  })
  async requestInstance(
    @Arg('input', () => RequestInstanceInput, { description: 'The request.' }) input: RequestInstanceInput,
    @Ctx() context: Context,
  ): Promise<RequestInstancePayload> {
    const request = readInstanceRequest(input.request, ['input', 'request']);
    const { planHash = null, reason = null } = input;
    const command = commandRequest(context, 'requestInstance', input);
    const answer = await context.instanceCommands.request(command, { request, planHash, reason });
    const { eventId, version, instance } = await payload(answer, context);
    return { eventId, version, instance, approval: approvalOf(instance.entity.state) };
  }

  @Mutation(() => InstancePayload, {
    description: 'Starts a stopped instance on new devices. Quota, budget and capacity are checked again.',
  })
  async startInstance(
    @Arg('input', () => InstanceCommandInput, { description: 'The instance.' }) input: InstanceCommandInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    const command = commandRequest(context, 'startInstance', input);
    return payload(await context.instanceCommands.start(command, input), context);
  }

  @Mutation(() => InstancePayload, {
    description: 'Stops an instance: its devices are free once its pod is gone, its volume is kept.',
  })
  async stopInstance(
    @Arg('input', () => InstanceCommandInput, { description: 'The instance.' }) input: InstanceCommandInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    const command = commandRequest(context, 'stopInstance', input);
    return payload(await context.instanceCommands.stop(command, input), context);
  }

  @Mutation(() => InstancePayload, { description: 'Ends an instance for good, and everything that it had.' })
  async terminateInstance(
    @Arg('input', () => InstanceCommandInput, { description: 'The instance.' }) input: InstanceCommandInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    const command = commandRequest(context, 'terminateInstance', input);
    return payload(await context.instanceCommands.terminate(command, input), context);
  }

  @FieldResolver(() => [Allocation], {
    description: 'The devices that it has or had, newest first, at most 100.',
  })
  async allocations(@Root() { id }: Instance, @Ctx() { loaders }: Context): Promise<Allocation[]> {
    return (await loaders.allocationsOfOwner.load(id)).map(toAllocation);
  }

  @FieldResolver(() => GpuModel, {
    nullable: true,
    description: 'The model of its newest devices; null before it has any.',
  })
  gpuModel(@Root() { entity }: Instance): GpuModel | null {
    const { placement } = entity.state;
    return placement && gpuModel(placement.gpuModelId);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: 'The node of its newest devices; null before it has any.',
  })
  async node(@Root() { nodeId }: Instance, @Ctx() context: Context): Promise<Node | null> {
    return nodeId === null ? null : visibleNode(nodeId, context);
  }

  @FieldResolver(() => [AvailableAction], {
    description: 'The commands on it, and whether its state and your rights allow them now.',
  })
  availableActions(@Root() { entity }: Instance, @Ctx() { principal }: Context): AvailableAction[] {
    return availableActions(entity, principal);
  }
}

/** What a project has that the viewer cannot see into: as if it did not exist. */
const noInstances = (args: PageArgs): Promise<Connection<Instance>> =>
  paginate(args, { read: async () => [], key: String, toNode: toInstance, count: async () => 0 });

/** The answer to a command: what is stored now, or in a dry run what would be. */
async function payload(answer: CommandAnswer<InstanceResult>, context: Context): Promise<InstancePayload> {
  const { eventId, version, result } = noteWritten(context, answer);
  const instance = result.preview ? toInstance(result.preview) : await visibleInstance(result.id, context);
  // A repeat of a command, by somebody who may not see the instance any more.
  if (!instance) throw notFound('Instance', result.id);
  return { eventId, version, instance };
}
