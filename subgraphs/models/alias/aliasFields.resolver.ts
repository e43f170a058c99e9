import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { ModelVersion, toModelVersion } from '../modelVersion/modelVersion.type.js';
import { Alias, AliasChange, toAliasChange } from './alias.type.js';

/** Whoever sees a model sees its versions: they belong to the same project. */
@Resolver(() => Alias)
export class AliasFieldsResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version that it resolves to.' })
  version(@Root() { versionId }: Alias, @Ctx() context: Context): Promise<ModelVersion> {
    return versionOf(versionId, context);
  }

  @FieldResolver(() => [AliasChange], {
    description: 'Its moves until now, newest first, at most 100. `model(id, asOf)` tells how it stood.',
  })
  async history(@Root() { modelId, name }: Alias, @Ctx() { loaders }: Context): Promise<AliasChange[]> {
    return (await loaders.aliasChanges.load({ modelId, name })).map(toAliasChange);
  }
}

@Resolver(() => AliasChange)
export class AliasChangeFieldsResolver {
  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'The version that it resolved to from then on; null where it was taken away.',
  })
  version(@Root() { versionId }: AliasChange, @Ctx() context: Context): Promise<ModelVersion> | null {
    return versionId === null ? null : versionOf(versionId, context);
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'The version that it resolved to before; null where there was no such alias.',
  })
  previousVersion(
    @Root() { previousVersionId }: AliasChange,
    @Ctx() context: Context,
  ): Promise<ModelVersion> | null {
    return previousVersionId === null ? null : versionOf(previousVersionId, context);
  }
}

async function versionOf(id: string, { loaders }: Context): Promise<ModelVersion> {
  const version = await loaders.modelVersion.load(id);
  if (!version) throw new Error(`An alias resolves to ${id}, which is no version`);
  return toModelVersion(version);
}
