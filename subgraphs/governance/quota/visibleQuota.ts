import type { Context } from '../context.js';
import { maySeeProject } from '../project/visibleProject.js';
import { type Quota, toQuota } from './quota.type.js';

/** The one door to quotas: whoever may see the project sees its quotas. */
export async function visibleQuota(id: string, { loaders, principal }: Context): Promise<Quota | null> {
  const quota = await loaders.quota.load(id);
  return quota && maySeeProject(quota.state.projectId, principal) ? toQuota(quota) : null;
}
