import type { History } from '../log/history.js';
import { HEAD_PATH, HISTORY_PATH, type SentEvent } from './historyEndpoints.js';
import type { Peer } from './peer.js';

/** The events of a context that runs in another process. At most 1,000 can be read at once. */
export const createRemoteHistory = (peer: Peer): History => ({
  context: peer.name,
  async readContext(after, limit) {
    const answer = await peer.get(`${HISTORY_PATH}?after=${after}&limit=${limit}`);
    const { events } = answer as { events: SentEvent[] };
    return events.map((event) => ({ ...event, position: BigInt(event.position) }));
  },
  async head() {
    const { head } = (await peer.get(HEAD_PATH)) as { head: string };
    return BigInt(head);
  },
});
