import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { paginate } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { readModelsOfProject } from '../registeredModel/registeredModel.repository.js';
import { RegisteredModelConnection, toRegisteredModel } from '../registeredModel/registeredModel.type.js';
import { maySeeModels } from '../visibility.js';
import { ProjectStub } from './project.type.js';

@Resolver(() => ProjectStub)
export class ProjectResolver {
  @FieldResolver(() => RegisteredModelConnection, {
    nullable: true,
    description: 'Its models, newest first. Null where you may not see them.',
  })
  async models(
    @Root() { id }: ProjectStub,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() { reader, principal }: Context,
  ) {
    if (!maySeeModels(principal, id)) return null;
    return paginate(
      { first, after: after ?? null },
      {
        read: (page) => readModelsOfProject(reader, id, page),
        key: (model) => model.id,
        toNode: toRegisteredModel,
        count: () => reader.registeredModel.count({ where: { projectId: id } }),
      },
    );
  }
}
