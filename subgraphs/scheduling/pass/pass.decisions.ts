import type { Database } from '../../../platform/database/database.js';
import { isLatestTerm } from '../../../platform/lease/fence.js';
import type { Lease } from '../../../platform/lease/lease.js';
import { saveDecisions } from './decision.repository.js';
import type { PassResult } from './schedulingPass.js';

type Unsaved = Pick<PassResult, 'decisions' | 'endedIds'>;

/** Stores what the leader decides, in order. What is decided in a process that does not lead is forgotten. */
export function createDecisionStore(database: Database, lease: Lease) {
  let unsaved: Unsaved = { decisions: [], endedIds: [] };
  let isSaving = false;

  function take(): Unsaved {
    const taken = unsaved;
    unsaved = { decisions: [], endedIds: [] };
    return taken;
  }

  async function saveAll(): Promise<void> {
    while (unsaved.decisions.length + unsaved.endedIds.length > 0) {
      const taken = take();
      const term = lease.term();
      if (!term) continue;
      try {
        await saveDecisions(database, taken.decisions, taken.endedIds, isLatestTerm(lease, term));
      } catch (error) {
        const later = take();
        add(taken);
        add(later);
        throw error;
      }
    }
  }

  function add({ decisions, endedIds }: Unsaved): void {
    unsaved.decisions.push(...decisions);
    unsaved.endedIds.push(...endedIds);
  }

  return {
    add,
    /** Stores what there is; what cannot be stored is kept for the next time. */
    async save(): Promise<void> {
      if (isSaving) return;
      isSaving = true;
      await saveAll().finally(() => (isSaving = false));
    },
    /** Forgets what is not stored yet. */
    clear: () => void take(),
  };
}
