import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { visible } from '../access.js';
import type { Context } from '../context.js';
import { ModelVersion, toModelVersion } from '../modelVersion/modelVersion.type.js';
import { JobStub } from './job.type.js';

@Resolver(() => JobStub)
export class JobResolver {
  @FieldResolver(() => [ModelVersion], {
    nullable: true,
    description: 'The versions of models that it produced and that you may see, newest first, at most 100.',
  })
  async producedVersions(
    @Root() { id }: JobStub,
    @Ctx() { loaders, principal }: Context,
  ): Promise<ModelVersion[]> {
    const versions = await loaders.versionsOfJob.load(id);
    return versions.flatMap((version) => (visible(principal, version) ? [toModelVersion(version)] : []));
  }
}
