import { keyOf, nameOf } from '../../../platform/kubernetes/cache.js';
import type { Cache } from '../../../platform/kubernetes/cache.port.js';
import type { Cluster, Intent } from '../../../platform/kubernetes/cluster.port.js';
import { isConflict } from '../../../platform/kubernetes/clusterError.js';
import type { Kind, KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Term } from '../../../platform/kubernetes/term.js';
import { asleep } from './asleep.js';
import { covers } from './covers.js';
import type { Drift } from './drift.js';
import { ANNOTATIONS } from './names.js';

/** What a pass needs to act on one kind of object: the cluster to write to, and the copy of it to compare with. */
export type Mirror<T extends KubeObject> = { cluster: Cluster; kind: Kind<T>; cache: Cache<T>; drift: Drift };

/** Controllers write the status of what they are given, each of which makes ours a write onto an older version. */
const CONFLICTS_MAX = 5;

/**
 * Makes the cluster hold the intent, unless it shows it already. What a leader sends late, after its term, does no harm:
 * every write is onto the object as it was seen before we made sure that we lead, and whoever leads next writes its own
 * term on all objects first. What is new is made asleep, because nothing that was seen stands behind it, and is woken by
 * such a write. So a late one finds its object changed, or makes one that never runs.
 */
export async function ensure<T extends KubeObject>(
  mirror: Mirror<T>,
  observed: ReadonlyMap<string, T>,
  intent: Intent<T>,
  term: Term,
): Promise<void> {
  const { cluster, kind, cache, drift } = mirror;
  const key = keyOf(intent);
  const seen = observed.get(key);
  const stamped = withTerm(intent, term);
  if (seen && covers(seen, stamped)) return drift.isHeld(key, intent);
  if (term.isOver()) return;
  const isRestored = drift.wasHeld(key, intent) && !(seen && covers(seen, intent));
  const made = seen ?? (await cluster.apply(kind, asleep(kind, stamped), { onto: null }));
  cache.wrote(made);
  const now = await applyOnto(made, mirror, stamped, term);
  if (!isRestored || now?.metadata.resourceVersion === seen?.metadata.resourceVersion) return;
  const { name, namespace = null } = intent.metadata;
  await drift.tell(key, { kind: kind.kind, namespace, name, found: seen ? 'CHANGED' : 'DELETED' });
}

/** Null if our term ended, or the object was deleted: the next pass looks again. */
async function applyOnto<T extends KubeObject>(
  seen: T,
  { cluster, kind, cache }: Mirror<T>,
  intent: Intent<T>,
  term: Term,
): Promise<T | null> {
  let live: T | null = seen;
  for (let conflicts = 0; live && !term.isOver(); conflicts++) {
    if (covers(live, intent)) return live;
    try {
      const applied: T = await cluster.apply(kind, intent, { onto: live });
      cache.wrote(applied);
      return applied;
    } catch (error) {
      if (!isConflict(error) || conflicts === CONFLICTS_MAX) throw error;
      live = await lookAgain(intent, kind, cluster);
    }
  }
  return null;
}

/** By a list, which needs no right that the copies do not need anyway. */
async function lookAgain<T extends KubeObject>(
  { metadata: { name, namespace } }: Intent<T>,
  kind: Kind<T>,
  cluster: Cluster,
): Promise<T | null> {
  const fieldSelector = `metadata.name=${name}`;
  const { items } = await cluster.list(kind, {
    fieldSelector,
    ...(namespace !== undefined && { namespace }),
  });
  return items[0] ?? null;
}

const withTerm = <T extends KubeObject>(intent: Intent<T>, { token }: Term): Intent<T> => ({
  ...intent,
  metadata: {
    ...intent.metadata,
    annotations: { ...intent.metadata.annotations, [ANNOTATIONS.term]: String(token) },
  },
});

/**
 * Deletes what the cluster shows, and only the very object that it shows. It stays visible until what it owns is gone. It
 * needs no fence: what has ended never comes back under its id, so that it is right however late it is.
 */
export async function remove<T extends KubeObject>(
  { cluster, kind, drift }: Mirror<T>,
  object: T,
): Promise<void> {
  const { uid, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return;
  await cluster.delete(kind, nameOf(object), { uid, propagation: 'Foreground' });
  drift.forget(keyOf(object));
}
