import { namespaces, resources } from '../resources.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';

const manager = 'namespace-controller';

/** Empties namespaces that are being deleted, and lets them go when nothing is left. */
export function createNamespaceController(registry: Registry): Controller {
  const contents = resources.filter(({ namespaced }) => namespaced);
  return {
    name: manager,
    reconcile() {
      for (const namespace of registry.list(namespaces)) {
        if (!namespace.metadata.deletionTimestamp) continue;
        const { name } = namespace.metadata;
        for (const resource of contents) {
          for (const object of registry.list(resource, name)) {
            if (!object.metadata.deletionTimestamp)
              registry.delete(resource, object, { propagationPolicy: 'Background' });
          }
        }
        if (contents.every((resource) => registry.list(resource, name).length === 0)) {
          registry.update(namespaces, { ...namespace, spec: { finalizers: [] } }, { manager });
        }
      }
      return null;
    },
  };
}
