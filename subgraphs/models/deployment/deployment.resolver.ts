import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { CommandAnswer } from '../../../platform/command/commands.js';
import { badUserInput } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { requiredVersion } from '../modelVersion/visibleVersion.js';
import { requireProject } from '../project/requireProject.js';
import { checkMayCommand, checkMayDeploy } from './deployment.access.js';
import { CreateDeploymentInput, DeploymentCommandInput, SetTrafficInput } from './deployment.inputs.js';
import type { DeploymentEntity } from './deployment.js';
import { readDeploymentSpec } from './deployment.request.js';
import { CreateDeploymentPayload, Deployment, DeploymentPayload, toDeployment } from './deployment.type.js';
import { checkTraffic } from './traffic.js';
import { requiredDeployment, visibleDeployment } from './visibleDeployment.js';

@Resolver(() => Deployment)
export class DeploymentResolver {
  @Query(() => Deployment, {
    nullable: true,
    description: 'A deployment by its id; null if there is none that you may see.',
  })
  deployment(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<Deployment | null> {
    return visibleDeployment(id, context, asOf ?? null);
  }

  @Mutation(() => CreateDeploymentPayload, {
    description:
      'Asks for a version to be served. Refused at once with `PLAN_STALE`, `QUOTA_EXCEEDED`, `BUDGET_EXCEEDED`, `UNSATISFIABLE` or `CAPACITY_EXHAUSTED`; otherwise it gets its devices, once it is approved if a rule asks for that.',
  })
  async createDeployment(
    @Arg('input', () => CreateDeploymentInput, { description: 'The deployment.' })
    input: CreateDeploymentInput,
    @Ctx() context: Context,
  ): Promise<CreateDeploymentPayload> {
    const { projectId, modelVersionId, name, planHash = null } = input;
    const spec = readDeploymentSpec(input);
    await requireProject(projectId, context);
    const version = await requiredVersion(modelVersionId, context);
    if (version.state.projectId !== projectId)
      throw badUserInput([{ path: ['input', 'modelVersionId'], message: 'is a version of another project' }]);
    checkMayDeploy(context.principal, projectId);
    const command = commandRequest(context, 'createDeployment', input);
    const answer = await context.deployments.create(command, { version, name, spec, planHash });
    const { approvalId, status } = answer.result.state;
    const isAsked = !input.dryRun && approvalId !== null && status === 'AWAITING_APPROVAL';
    const { eventId, version: stands, deployment } = toPayload(answer, context);
    return {
      eventId,
      version: stands,
      deployment,
      approval: isAsked ? { id: approvalId, status: 'PENDING' } : null,
    };
  }

  @Mutation(() => DeploymentPayload, {
    description: 'Ends a deployment for good. Its devices are free once its pods are gone.',
  })
  async deleteDeployment(
    @Arg('input', () => DeploymentCommandInput, { description: 'The deployment.' })
    input: DeploymentCommandInput,
    @Ctx() context: Context,
  ): Promise<DeploymentPayload> {
    await requireCommandable(input.id, context);
    const command = commandRequest(context, 'deleteDeployment', input);
    return toPayload(await context.deployments.delete(command, input), context);
  }

  @Mutation(() => DeploymentPayload, {
    description:
      'Decides how the requests of a deployment are to be shared out to versions of its model, in basis points that sum to 10,000. The router in front follows it; the replicas are not changed.',
  })
  async setTraffic(
    @Arg('input', () => SetTrafficInput, { description: 'The deployment and the parts.' })
    input: SetTrafficInput,
    @Ctx() context: Context,
  ): Promise<DeploymentPayload> {
    const traffic = input.weights.map(({ modelVersionId, weightBp }) => ({ modelVersionId, weightBp }));
    checkTraffic(traffic);
    await requireCommandable(input.id, context);
    const command = commandRequest(context, 'setTraffic', input);
    return toPayload(await context.deployments.setTraffic(command, input, traffic), context);
  }

  @Mutation(() => DeploymentPayload, {
    description:
      'Decides for the parts from before they were set last. Refused with `NO_PREVIOUS_TRAFFIC` if they never were.',
  })
  async restoreTraffic(
    @Arg('input', () => DeploymentCommandInput, { description: 'The deployment.' })
    input: DeploymentCommandInput,
    @Ctx() context: Context,
  ): Promise<DeploymentPayload> {
    await requireCommandable(input.id, context);
    const command = commandRequest(context, 'restoreTraffic', input);
    return toPayload(await context.deployments.restoreTraffic(command, input), context);
  }
}

async function requireCommandable(id: string, context: Context): Promise<void> {
  checkMayCommand(context.principal, await requiredDeployment(id, context));
}

function toPayload(answer: CommandAnswer<DeploymentEntity>, context: Context): DeploymentPayload {
  const { eventId, version, result } = noteWritten(context, answer);
  return { eventId, version, deployment: toDeployment(result) };
}
