import type { Namespace, NetworkPolicy, ResourceQuota } from '../../../platform/kubernetes/kinds.js';
import type { Term } from '../../../platform/kubernetes/term.js';
import type { DesiredProject } from './desired.js';
import { eachAlone } from './eachAlone.js';
import { ensure, type Mirror } from './ensure.js';
import { namespaceOf, networkPolicyOf, quotaOf } from './project.manifests.js';

export type ProjectMirrors = {
  namespaces: Mirror<Namespace>;
  resourceQuotas: Mirror<ResourceQuota>;
  networkPolicies: Mirror<NetworkPolicy>;
};

/** Gives every project its namespace, quota and network policy. Nothing is ever deleted: projects do not end. */
export async function reconcileProjects(
  projects: readonly DesiredProject[],
  { namespaces, resourceQuotas, networkPolicies }: ProjectMirrors,
  term: Term,
): Promise<void> {
  const seen = [
    namespaces.cache.snapshot(),
    resourceQuotas.cache.snapshot(),
    networkPolicies.cache.snapshot(),
  ] as const;
  const [seenNamespaces, seenQuotas, seenPolicies] = seen;
  if (!seenNamespaces || !seenQuotas || !seenPolicies) return;
  await eachAlone(projects, async (project) => {
    await ensure(namespaces, seenNamespaces.objects, namespaceOf(project), term);
    await ensure(resourceQuotas, seenQuotas.objects, quotaOf(project), term);
    await ensure(networkPolicies, seenPolicies.objects, networkPolicyOf(project), term);
  });
}
