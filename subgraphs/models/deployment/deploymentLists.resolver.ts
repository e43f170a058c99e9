import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { type Connection, type PageArgs, paginate } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { ModelVersion } from '../modelVersion/modelVersion.type.js';
import { ProjectStub } from '../project/project.type.js';
import { RegisteredModel } from '../registeredModel/registeredModel.type.js';
import { maySeeModels } from '../visibility.js';
import { readDeploymentPage } from './deployment.repository.js';
import { Deployment, DeploymentConnection, toDeployment } from './deployment.type.js';

/** Whoever sees a version sees what serves it: they belong to the same project. */
@Resolver(() => ModelVersion)
export class DeploymentsOfVersionResolver {
  @FieldResolver(() => [Deployment], {
    description: 'The deployments that serve or served it, newest first, at most 100.',
  })
  async deployments(@Root() { id }: ModelVersion, @Ctx() { loaders }: Context): Promise<Deployment[]> {
    return (await loaders.deploymentsOfVersion.load(id)).map(toDeployment);
  }
}

@Resolver(() => RegisteredModel)
export class DeploymentsOfModelResolver {
  @FieldResolver(() => DeploymentConnection, {
    description: 'The deployments of its versions, newest first.',
  })
  deployments(
    @Root() { id: modelId }: RegisteredModel,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<Connection<Deployment>> {
    return pageOf({ modelId }, { first, after: after ?? null }, context);
  }
}

@Resolver(() => ProjectStub)
export class DeploymentsOfProjectResolver {
  @FieldResolver(() => DeploymentConnection, {
    nullable: true,
    description: 'Its deployments, newest first. Null where you may not see them.',
  })
  deployments(
    @Root() { id: projectId }: ProjectStub,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<Connection<Deployment>> | null {
    if (!maySeeModels(context.principal, projectId)) return null;
    return pageOf({ projectId }, { first, after: after ?? null }, context);
  }
}

const pageOf = (
  owner: { projectId: string } | { modelId: string },
  args: PageArgs,
  { reader }: Context,
): Promise<Connection<Deployment>> =>
  paginate(args, {
    read: (page) => readDeploymentPage(reader, owner, page),
    key: ({ id }) => id,
    toNode: toDeployment,
    count: () => reader.deployment.count({ where: owner }),
  });
