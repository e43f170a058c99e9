import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { badUserInput } from '../../../platform/errors.js';
import { paginate } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { RegisteredModel } from '../registeredModel/registeredModel.type.js';
import { ModelVersion, ModelVersionConnection, toModelVersion } from './modelVersion.type.js';

/** Whoever sees a model sees its versions: they belong to the same project. */
@Resolver(() => RegisteredModel)
export class VersionsOfModelResolver {
  @FieldResolver(() => ModelVersionConnection, { description: 'Its versions, newest first.' })
  versions(
    @Root() { id: modelId }: RegisteredModel,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() { loaders }: Context,
  ) {
    return paginate(
      { first, after: after ?? null },
      {
        read: (page) =>
          loaders.versionPage.load({ modelId, take: page.take, before: readNumber(page.after) }),
        key: ({ state }) => String(state.number),
        toNode: toModelVersion,
        count: () => loaders.versionCount.load(modelId),
      },
    );
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'Its newest version; null as long as it has none.',
  })
  async latestVersion(
    @Root() { id: modelId }: RegisteredModel,
    @Ctx() { loaders }: Context,
  ): Promise<ModelVersion | null> {
    const [newest] = await loaders.versionPage.load({ modelId, take: 1, before: null });
    return newest ? toModelVersion(newest) : null;
  }
}

function readNumber(after: string | null): number | null {
  if (after === null) return null;
  if (!/^\d{1,9}$/.test(after))
    throw badUserInput([{ path: ['after'], message: 'is no cursor of this list' }]);
  return Number(after);
}
