import { volumeClaims } from '../resources.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';

const manager = 'persistent-volume-binder';

/** Binds every claim at once to a volume of the size that it asks for. There are no volumes behind it. */
export function createVolumeController(registry: Registry): Controller {
  return {
    name: manager,
    reconcile() {
      for (const claim of registry.list(volumeClaims)) {
        if (claim.status?.phase === 'Bound' || claim.metadata.deletionTimestamp) continue;
        const spec = { ...claim.spec, volumeName: `pvc-${claim.metadata.uid}` };
        const bound = registry.update(volumeClaims, { ...claim, spec }, { manager });
        const { accessModes = [], resources } = claim.spec ?? {};
        const status = {
          phase: 'Bound',
          accessModes,
          capacity: { storage: resources?.requests?.['storage'] ?? '1Gi' },
        };
        registry.setStatus(volumeClaims, bound, status, manager);
      }
      return null;
    },
  };
}
