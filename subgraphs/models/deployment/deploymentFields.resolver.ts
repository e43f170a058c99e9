import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { ModelVersion, toModelVersion } from '../modelVersion/modelVersion.type.js';
import { availableActions } from './availableActions.js';
import { Deployment } from './deployment.type.js';
import { TrafficTarget } from './deploymentParts.type.js';
import { endpointOf } from './endpoint.js';

/** Whoever sees a deployment sees the versions that it serves: they belong to the same project. */
@Resolver(() => Deployment)
export class DeploymentFieldsResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version that its replicas were made of.' })
  modelVersion(@Root() { entity }: Deployment, @Ctx() context: Context): Promise<ModelVersion> {
    return versionOf(entity.state.modelVersionId, context);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Where it is reached inside the cluster; null unless it has its devices.',
  })
  async endpoint(@Root() { entity }: Deployment, @Ctx() { loaders }: Context): Promise<string | null> {
    return endpointOf(entity, await loaders.projectKey.load(entity.state.projectId));
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { entity }: Deployment, @Ctx() { principal }: Context): AvailableAction[] {
    return availableActions(entity, principal);
  }
}

@Resolver(() => TrafficTarget)
export class TrafficTargetResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version.' })
  version(@Root() { modelVersionId }: TrafficTarget, @Ctx() context: Context): Promise<ModelVersion> {
    return versionOf(modelVersionId, context);
  }
}

async function versionOf(id: string, { loaders }: Context): Promise<ModelVersion> {
  const version = await loaders.modelVersion.load(id);
  if (!version) throw new Error(`A deployment serves ${id}, which is no version`);
  return toModelVersion(version);
}
