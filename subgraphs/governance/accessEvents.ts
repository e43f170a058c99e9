import type { GovernanceEvent } from '../../contracts/governance.events.js';

/** Tells whoever remembers what people may do that it may have changed. */
export interface AccessEvents {
  readonly announce: () => void;
  /** Returns how to stop listening. */
  readonly subscribe: (listener: () => void) => () => void;
}

export function createAccessEvents(): AccessEvents {
  const listeners = new Set<() => void>();
  return {
    announce() {
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A new project gives rights to those who have roles above it. */
const CHANGES: readonly string[] = [
  'ProjectCreated',
  'RoleBound',
  'RoleRevoked',
] satisfies GovernanceEvent['type'][];

export const changesAccess = ({ type }: { type: string }): boolean => CHANGES.includes(type);
