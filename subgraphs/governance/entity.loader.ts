import DataLoader from 'dataloader';
import type { Existing } from '../../platform/eventStore/aggregate.js';

/** One per request: it caches, and what a caller may see must not outlive the caller. */
export const createEntityLoader = <State>(
  findByIds: (ids: readonly string[]) => Promise<Existing<State>[]>,
): DataLoader<string, Existing<State> | null> =>
  new DataLoader(async (ids) => {
    const byId = new Map((await findByIds(ids)).map((entity) => [entity.id, entity]));
    return ids.map((id) => byId.get(id) ?? null);
  });
