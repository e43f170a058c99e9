import type { Cache } from '../../../platform/kubernetes/cache.port.js';
import type { Cluster, Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Kind, KubeObject } from '../../../platform/kubernetes/kinds.js';
import { covers } from './covers.js';

/** What a pass needs to act on one kind of object: the cluster to write to, and the copy of it to compare with. */
export type Mirror<T extends KubeObject> = { cluster: Cluster; kind: Kind<T>; cache: Cache<T> };

const nameOf = (object: { metadata: { name: string; namespace?: string } }) =>
  object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`;

/** Applies the intent unless the cluster shows it already. True if it wrote. */
export async function ensure<T extends KubeObject>(
  { cluster, kind, cache }: Mirror<T>,
  observed: ReadonlyMap<string, T>,
  intent: Intent<T>,
): Promise<boolean> {
  const seen = observed.get(nameOf(intent as { metadata: { name: string; namespace?: string } }));
  if (seen && covers(seen, intent)) return false;
  cache.wrote(await cluster.apply(kind, intent));
  return true;
}

/** Deletes what the cluster shows, and only the very object that it shows. It stays visible until what it owns is gone. */
export async function remove<T extends KubeObject>({ cluster, kind }: Mirror<T>, object: T): Promise<void> {
  const { name, namespace, uid, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return;
  await cluster.delete(kind, namespace === undefined ? { name } : { name, namespace }, {
    uid,
    propagation: 'Foreground',
  });
}
