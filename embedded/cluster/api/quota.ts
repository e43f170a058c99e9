import { forbidden } from './apiError.js';
import { pods, resourceQuotas } from '../resources.js';
import { addAmounts, exceeds, formatAmount, parseAmount, podRequests } from './quantity.js';
import type { KubeObject, Pod } from '../../../platform/kubernetes/kinds.js';
import type { Resource } from '../resources.js';
import type { Store } from '../store/store.js';

type Amounts = ReadonlyMap<string, number>;

/** Refuses a new pod that a ResourceQuota of its namespace has no room for. */
export function checkQuota(store: Pick<Store, 'list'>, resource: Resource, object: KubeObject): void {
  const { namespace, name } = object.metadata;
  if (resource.plural !== pods.plural || namespace === undefined) return;
  const wanted = quotaUse(object as Pod);
  for (const quota of store.list(resourceQuotas, namespace)) {
    const hard = quota.spec?.hard ?? {};
    const used = usedOf(store, namespace);
    const over = Object.keys(hard).filter(
      (key) =>
        wanted.has(key) && exceeds((used.get(key) ?? 0) + (wanted.get(key) ?? 0), parseAmount(hard[key])),
    );
    if (over.length === 0) continue;
    const show = (amounts: Amounts) =>
      over.map((key) => `${key}=${formatAmount(amounts.get(key) ?? 0)}`).join(',');
    const limited = over.map((key) => `${key}=${hard[key]}`).join(',');
    throw forbidden(
      resource,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${show(wanted)}, used: ${show(used)}, limited: ${limited}`,
    );
  }
}

/** What the living pods of a namespace use, by the names that quotas use. */
export function usedOf(store: Pick<Store, 'list'>, namespace: string): Amounts {
  const living = store
    .list(pods, namespace)
    .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  return living.reduce((sum, pod) => addAmounts(sum, quotaUse(pod)), new Map<string, number>());
}

function quotaUse(pod: Pod): Amounts {
  const use = new Map([['pods', 1]]);
  for (const [name, amount] of podRequests(pod)) {
    use.set(`requests.${name}`, amount);
    if (!name.includes('/')) use.set(name, amount);
  }
  return use;
}
