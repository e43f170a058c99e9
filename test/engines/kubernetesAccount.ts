import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  loadAllYaml,
  type KubernetesObject,
  type V1ClusterRole,
  type V1Role,
} from '@kubernetes/client-node';
import { projectRoot } from '../../platform/compiled.js';

const ACCOUNT = { namespace: 'fleetgraph-system', name: 'fleetgraph' };

/** As the API server calls the account. */
export const ACCOUNT_USER = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;

const manifests = async (): Promise<KubernetesObject[]> =>
  loadAllYaml(await readFile(join(projectRoot, 'deploy/kubernetes/rbac.yaml'), 'utf8')) as KubernetesObject[];

/** Makes the service account that we tell people to make. Returns the kubeconfig of one who has its rights alone. */
export async function installAccount(kubeconfig: string): Promise<string> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const manifest of await manifests())
    await api.create(manifest as KubernetesObject & { metadata: object });
  const { status } = await config.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
    ...ACCOUNT,
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  return kubeconfig.replace(/"token":"[^"]*"/, `"token":"${status?.token ?? ''}"`);
}

/** Every right that the account is given, as `verb resource`. */
export async function rightsOfAccount(): Promise<string[]> {
  const roles = (await manifests()).filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  return (roles as (V1ClusterRole | V1Role)[])
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ verbs, resources = [] }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    )
    .toSorted((one, other) => one.localeCompare(other));
}
