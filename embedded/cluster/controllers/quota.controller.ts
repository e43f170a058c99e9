import { formatAmount } from '../api/quantity.js';
import { usedOf } from '../api/quota.js';
import { resourceQuotas } from '../resources.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';

const manager = 'resourcequota-controller';

/** Shows in every quota what is used of it. Admission does not rely on that. */
export function createQuotaController(registry: Registry): Controller {
  return {
    name: manager,
    reconcile() {
      for (const quota of registry.list(resourceQuotas)) {
        const hard = quota.spec?.hard ?? {};
        const amounts = usedOf(registry, quota.metadata.namespace ?? '');
        const used = Object.fromEntries(
          Object.keys(hard).map((name) => [name, formatAmount(amounts.get(name) ?? 0)]),
        );
        registry.setStatus(resourceQuotas, quota, { hard, used }, manager);
      }
      return null;
    },
  };
}
