import type { Positioned } from '../eventStore/event.js';
import type { History } from '../log/history.js';
import { type Endpoint, refusePeople } from './endpoint.js';
import { badRequest } from './requestErrors.js';

export const HISTORY_PATH = '/internal/history';
export const HEAD_PATH = '/internal/head';

const LIMIT_MAX = 1_000;

/** An event as JSON: positions are integers too large for a JSON number. */
export type SentEvent = Omit<Positioned, 'position'> & { position: string };

/** A context's own events for the others, in position order. */
export const createHistoryEndpoints = (history: History): Record<string, Endpoint> => ({
  [HISTORY_PATH]: {
    method: 'GET',
    async answer(request) {
      refusePeople(request);
      const after = readInteger(request.query, 'after');
      const limit = readInteger(request.query, 'limit');
      if (limit > LIMIT_MAX) throw badRequest(`The limit is at most ${LIMIT_MAX}`);
      const events = await history.readContext(after, Number(limit));
      return { events: events.map((event): SentEvent => ({ ...event, position: String(event.position) })) };
    },
  },
  [HEAD_PATH]: {
    method: 'GET',
    async answer(request) {
      refusePeople(request);
      return { head: String(await history.head()) };
    },
  },
});

function readInteger(query: URLSearchParams, name: string): bigint {
  const text = query.get(name) ?? '';
  if (!/^\d{1,18}$/.test(text)) throw badRequest(`${name} is no whole number`);
  return BigInt(text);
}
