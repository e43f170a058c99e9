import DataLoader from 'dataloader';
import type { Principal } from '../../../platform/identity/principal.js';
import type { AuditRow, TrailPage, TrailRepository } from './trail.repository.js';

type PageOfThing = TrailPage & { thing: string };

/** One per request: the same page of the trails of many things costs one query. */
export function createTrailLoader(trail: Pick<TrailRepository, 'pagesOf'>, viewer: Principal) {
  const pageName = ({ take, after }: TrailPage) => `${take}:${after}`;
  return new DataLoader<PageOfThing, AuditRow[], string>(
    async (keys) => {
      const pages = new Map(keys.map((key) => [pageName(key), key]));
      const rows = new Map<string, AuditRow[]>();
      for (const [name, page] of pages) {
        const things = keys.filter((key) => pageName(key) === name).map(({ thing }) => thing);
        for (const row of await trail.pagesOf(viewer, things, page)) {
          const key = `${name}:${row.thing}`;
          rows.set(key, [...(rows.get(key) ?? []), row]);
        }
      }
      return keys.map((key) => rows.get(`${pageName(key)}:${key.thing}`) ?? []);
    },
    { cacheKeyFn: (key) => `${pageName(key)}:${key.thing}` },
  );
}

/** One per request: how many events the trails of many things have costs one query. */
export const createTrailCountLoader = (trail: Pick<TrailRepository, 'countsOf'>, viewer: Principal) =>
  new DataLoader<string, number>(async (things) => {
    const rows = await trail.countsOf(viewer, things);
    const counts = new Map(rows.map(({ thing, count }) => [thing, Number(count)]));
    return things.map((thing) => counts.get(thing) ?? 0);
  });

/** One per request: many events that the viewer may see, by their ids. */
export const createAuditEventLoader = (trail: Pick<TrailRepository, 'findByIds'>, viewer: Principal) =>
  new DataLoader<string, AuditRow | null>(async (ids) => {
    const rows = new Map((await trail.findByIds(viewer, ids)).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
